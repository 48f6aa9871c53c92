package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

func auditCommand(ctx context.Context, env environment, args []string) error {
	if len(args) == 0 || args[0] != "verify" {
		return usageError{errors.New("audit takes a verb: verify")}
	}
	f := newFlags(env, "audit verify", "Follows the chain of hashes through the audit trail and names the first entry that does not hold;\nexit code 3 then. It prints the id and hash of the last entry: noted elsewhere and given back with\n--noted, they prove that even who has the whole database in hand changed nothing before.")
	where, level := f.database(), f.logLevel()
	noted := map[int64]string{}
	f.Func("noted", "`id:hash` of an entry as it was printed before; may be repeated", func(text string) error {
		id, hash, ok := strings.Cut(text, ":")
		n, err := strconv.ParseInt(id, 10, 64)
		if !ok || err != nil || n < 1 || len(hash) != 64 {
			return errors.New("it is an id, a colon and 64 hexadecimal digits")
		}
		noted[n] = strings.ToLower(hash)
		return nil
	})
	if err := f.parse(args[1:]); err != nil {
		return err
	}
	opened, stop, err := where.openStore(ctx, newLogger(env.stderr, *level))
	if err != nil {
		return err
	}
	defer stop()
	v, err := opened.VerifyAudit(ctx, noted)
	if err != nil {
		return err
	}
	if v.Broken != 0 {
		fmt.Fprintf(env.stdout, "entry %d: %s; %d entries before it hold\n", v.Broken, v.Why, v.Entries)
		return errCheck
	}
	fmt.Fprintf(env.stdout, "%d entries hold; the last is %d:%s\n", v.Entries, v.Entries, v.Head)
	return nil
}
