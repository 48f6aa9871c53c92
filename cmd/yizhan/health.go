package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const maxHealthBody = 64 << 10

func health(ctx context.Context, env environment, args []string) error {
	f := newFlags(env, "health", "Asks a running server whether it is ready; exit code 3 if it is not.")
	url := f.String("url", "http://127.0.0.1:8080/readyz", "`address` to ask")
	timeout := f.Duration("timeout", 3*time.Second, "how `long` to wait")
	if err := f.parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, *url, nil)
	if err != nil {
		return usageError{err}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Fprintln(env.stderr, err)
		return errCheck
	}
	defer response.Body.Close()
	if _, err := io.Copy(env.stdout, io.LimitReader(response.Body, maxHealthBody)); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errCheck
	}
	return nil
}
