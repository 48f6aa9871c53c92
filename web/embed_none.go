//go:build !web

// Package web holds the built pages.
package web

import "io/fs"

// Dist is nil in a binary built without the "web" tag: the API serves, the pages do not.
func Dist() fs.FS { return nil }
