// Package migrations holds the database schema as SQL files, applied in the order of their numbers by
// store.Migrate. They go forward only, one transaction each, and are never edited once merged.
//
// The rules that must hold whoever writes are here, as constraints and triggers, not in Go: shapes of
// codes, enumerations, valid geometry, extents, and that the micro-grids of a community are a partition
// of it (docs/decisions/0002-partition-by-boundary-chain.md).
package migrations

import "embed"

// FS holds the migrations.
//
//go:embed *.sql
var FS embed.FS
