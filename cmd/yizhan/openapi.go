package main

import (
	"context"
	"fmt"

	"github.com/yizhan/yizhan/api"
)

func openapi(_ context.Context, env environment, args []string) error {
	f := newFlags(env, "openapi", "Prints the OpenAPI 3.1 document of the API as JSON.")
	older := f.Bool("3.0", false, "in version 3.0, for programs that do not read 3.1")
	if err := f.parse(args); err != nil {
		return err
	}
	write := api.OpenAPI
	if *older {
		write = api.OpenAPI30
	}
	document, err := write()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, string(document))
	return err
}
