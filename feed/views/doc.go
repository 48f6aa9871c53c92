// Package views holds the views of the feed that answer questions about stations: which are nearest,
// and what they cover.
//
// A view is an immutable snapshot in memory, swapped atomically when the feed brings changes; a reader
// never waits for a writer, and every answer states the seq it is as of. Views hold public fields only,
// reach no database, and can be thrown away and rebuilt from a City at any time.
package views
