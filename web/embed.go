//go:build web

// Package web holds the built pages.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the folder of built pages: rider.html, planner.html, analyst.html and assets/. It is nil in a
// binary built without the "web" tag.
func Dist() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return built
}
