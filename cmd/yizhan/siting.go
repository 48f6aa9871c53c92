package main

import (
	"context"
	"errors"
)

// siting hands over to what follows it: "siting instance" solves a published instance.
func siting(ctx context.Context, env environment, args []string) error {
	if len(args) > 0 && args[0] == "instance" {
		return sitingInstance(ctx, env, args[1:])
	}
	return usageError{errors.New(`siting of what? There is "siting instance"`)}
}
