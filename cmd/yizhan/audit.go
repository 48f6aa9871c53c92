package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/yizhan/yizhan/store"
)

func auditCommand(ctx context.Context, env environment, args []string) error {
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch verb {
	case "verify":
		return auditVerify(ctx, env, args[1:])
	case "anchor":
		return auditAnchor(ctx, env, args[1:])
	}
	return usageError{errors.New("audit takes a verb: verify, anchor")}
}

func auditVerify(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "audit verify", "Follows the chain of hashes through the audit trail and names the first entry that does not hold;\nexit code 3 then. It prints the id and hash of the last entry: noted elsewhere and given back with\n--noted or --anchors, they prove that even who has the whole database in hand changed nothing before.")
	where, level := f.database(), f.logLevel()
	noted := map[int64]string{}
	f.Func("noted", "`id:hash` of an entry as it was printed before; may be repeated", func(text string) error { return note(noted, text) })
	f.Func("anchors", "`file` that audit anchor wrote", func(path string) error { return readAnchors(noted, path) })
	if err := f.parse(args); err != nil {
		return err
	}
	v, err := verifyTrail(ctx, env, where, *level, noted)
	if err == nil {
		fmt.Fprintf(env.stdout, "%d entries hold; the last is %d:%s\n", v.Entries, v.Entries, v.Head)
	}
	return err
}

func auditAnchor(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "audit anchor", "Verifies the audit trail and notes its head: a line with the time and the id and hash of the last\nentry, added to a file that belongs on another machine, or on paper. audit verify --anchors FILE finds\nfrom it also a trail that was cut or changed and computed anew. Exit code 3, and no line, if the trail\ndoes not hold, or not what the file noted before.")
	where, level := f.database(), f.logLevel()
	out := f.String("out", "", "`file` to add the line to; without it, the line is printed")
	if err := f.parse(args); err != nil {
		return err
	}
	noted := map[int64]string{}
	if *out != "" {
		if err := readAnchors(noted, *out); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	v, err := verifyTrail(ctx, env, where, *level, noted)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%s %d:%s\n", time.Now().UTC().Format(time.RFC3339), v.Entries, v.Head)
	if *out == "" {
		_, err = io.WriteString(env.stdout, line)
		return err
	}
	return addLine(*out, line)
}

func verifyTrail(ctx context.Context, env environment, where *database, level slog.Level, noted map[int64]string) (store.AuditVerification, error) {
	opened, stop, err := where.openStore(ctx, newLogger(env.stderr, level))
	if err != nil {
		return store.AuditVerification{}, err
	}
	defer stop()
	v, err := opened.VerifyAudit(ctx, noted)
	if err == nil && v.Broken != 0 {
		fmt.Fprintf(env.stdout, "entry %d: %s; %d entries before it hold\n", v.Broken, v.Why, v.Entries)
		err = errCheck
	}
	return v, err
}

// note reads id:hash. An id that was noted with another hash before is refused: one of the two is wrong.
func note(noted map[int64]string, text string) error {
	id, hash, ok := strings.Cut(text, ":")
	n, err := strconv.ParseInt(id, 10, 64)
	if !ok || err != nil || n < 0 || len(hash) != 64 || strings.Trim(strings.ToLower(hash), "0123456789abcdef") != "" {
		return errors.New("it is an id, a colon and 64 hexadecimal digits")
	}
	hash = strings.ToLower(hash)
	if before, again := noted[n]; again && before != hash {
		return fmt.Errorf("entry %d is noted with two hashes", n)
	}
	noted[n] = hash
	return nil
}

// readAnchors reads the lines that audit anchor wrote.
func readAnchors(noted map[int64]string, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		_, head, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if err := note(noted, head); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
	return lines.Err()
}

// addLine adds a line to a file and does not return before it is on the disk.
func addLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line)
	return errors.Join(err, file.Sync(), file.Close())
}
