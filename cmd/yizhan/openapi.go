package main

import (
	"context"
	"fmt"

	"github.com/yizhan/yizhan/api"
)

func openapi(_ context.Context, env environment, args []string) error {
	if err := newFlags(env, "openapi", "Prints the OpenAPI 3.1 document of the API as JSON.").parse(args); err != nil {
		return err
	}
	document, err := api.OpenAPI()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, string(document))
	return err
}
