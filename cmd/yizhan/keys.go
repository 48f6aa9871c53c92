package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/yizhan/yizhan/store"
)

// keyring are the flags of every command that needs the keys of personal data.
type keyring struct {
	text, file string
	data       *string
}

func (f *flags) keyring(d *database) *keyring {
	k := &keyring{data: &d.data}
	f.StringVar(&k.text, "key", "", "`keys` of personal data: 32 bytes in base64, the one that seals first, separated by commas; best left to the environment")
	f.StringVar(&k.file, "key-file", "", "`file` with the keys of personal data, one a line; without it, keys in the --data folder, made when missing")
	return k
}

// open gives the keys. Made anew, they are worth a word: without them what is sealed is lost.
func (k *keyring) open(logger *slog.Logger) (*store.Keyring, error) {
	if k.text != "" {
		return store.ParseKeys(k.text)
	}
	path := k.file
	if path == "" {
		path = filepath.Join(*k.data, "keys")
	}
	keys, made, err := store.OpenKeyFile(path)
	if err != nil {
		return nil, fmt.Errorf("keys of personal data: %w", err)
	}
	if made {
		logger.Warn("made a first key of personal data: keep a copy of the file elsewhere, without it names and phones are lost", "file", path)
	}
	return keys, nil
}

func keysCommand(ctx context.Context, env environment, args []string) error {
	if len(args) == 0 || args[0] != "rotate" {
		return usageError{fmt.Errorf("keys takes a verb: rotate")}
	}
	f := newFlags(env, "keys rotate", "Puts a new key of personal data first in the key file, and seals anew with it what older keys\n"+
		"sealed, a thousand rows at a time. It may be stopped and begun again: with --resume it makes no further key.\n"+
		"Old keys stay in the file; take them out by hand once every server and every backup you may restore is past them.")
	where, level := f.database(), f.logLevel()
	ring := f.keyring(where)
	resume := f.Bool("resume", false, "go on with the first key instead of making a new one; also for keys from the environment, which you change there")
	if err := f.parse(args[1:]); err != nil {
		return err
	}
	logger := newLogger(env.stderr, *level)
	keys, err := ring.open(logger)
	if err != nil {
		return err
	}
	opened, stop, err := where.openStoreWith(ctx, logger, keys)
	if err != nil {
		return err
	}
	defer stop()
	if !*resume {
		if err := keys.Rotate(); err != nil {
			return err
		}
	}
	done, err := opened.Reseal(ctx, func(done int64) { logger.Info("sealing anew", "done", done) })
	fmt.Fprintf(env.stdout, "%d sealed anew\n", done)
	return err
}
