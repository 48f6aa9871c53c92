package main

import "github.com/OpenPeeDeeP/depguard/v2"

const module = "github.com/yizhan/yizhan"

// fences say which package may not import what, and why. deps_test.go in the root proves the same from
// the other side, over indirect imports too.
var fences = depguard.LinterSettings{
	"geo": {
		Files: []string{"**/geo/**", "!$test"},
		Deny: deny("geo is pure functions over orb",
			module+"$", module+"/store", module+"/feed", module+"/api", module+"/tiles", module+"/importers",
			"github.com/jackc/pgx", "github.com/gofiber", "log", "net", "database/sql", "context"),
	},
	"cql2": {
		Files: []string{"**/cql2/**", "!$test"},
		Deny: deny("cql2 reads and writes filters and knows nothing of what they are asked of",
			module+"$", module+"/geo", module+"/store", module+"/feed", module+"/api", module+"/tiles", module+"/importers",
			"github.com/jackc/pgx", "github.com/gofiber", "log", "net", "database/sql", "encoding/json"),
	},
	"store": {
		Files: []string{"**/store/**", "!$test"},
		Deny:  deny("store knows rows, not views or the wire", module+"/feed", module+"/api", module+"/tiles", module+"/importers", "github.com/gofiber"),
	},
	"views": {
		Files: []string{"**/feed/**", "**/tiles/**", "**/importers/**", "!$test"},
		Deny: deny("reach the store through an interface declared here",
			module+"/store", module+"/api", "github.com/jackc/pgx", "github.com/gofiber"),
	},
	"exports": {
		Files: []string{"**/exports/**", "!$test"},
		Deny: deny("exports writes tables and knows nothing of what is in them",
			module+"$", module+"/store", module+"/feed", module+"/api", module+"/tiles", module+"/importers",
			"github.com/jackc/pgx", "github.com/gofiber", "log", "net", "database/sql", "time"),
	},
	"auth": {
		Files: []string{"**/auth/**", "!$test"},
		Deny: deny("auth proves who somebody is, and keeps nothing",
			module+"/store", module+"/api", module+"/feed", module+"/tiles", module+"/importers", "github.com/jackc/pgx", "github.com/gofiber"),
	},
	"api": {
		Files: []string{"**/api/**", "!$test"},
		Deny:  deny("reach the store through an interface declared here, and formats through importers/intake", module+"/store", module+"/importers/demo", module+"/importers/formats", module+"/importers/gdal", "github.com/jackc/pgx"),
	},
	"fiber": {
		// internal/tilebench measures the server beside a bare Fiber handler.
		Files: []string{"$all", "!**/api/**", "!**/internal/tilebench/**", "!$test"},
		Deny:  deny("only api speaks HTTP through Fiber", "github.com/gofiber", "github.com/valyala/fasthttp"),
	},
	"go-geom": {
		Files: []string{"$all", "!**/store/**", "!**/importers/**", "!$test"},
		Deny:  deny("orb is the one geometry vocabulary; go-geom is for the wire", "github.com/twpayne/go-geom"),
	},
}

func deny(why string, packages ...string) map[string]string {
	denied := map[string]string{}
	for _, name := range packages {
		denied[name] = why
	}
	return denied
}
