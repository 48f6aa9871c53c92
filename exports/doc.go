// Package exports writes tables of figures as files that other programs read: CSV, XLSX and GeoParquet. It
// is the counterpart of importers.
//
// A Table has typed columns, and rows that come one at a time, so that its size is bounded by the file and
// not by memory. The same table gives the same bytes each time: no clock, no random source, no map order.
// What a format cannot hold is an error that names the row and the column; nothing is cut off in silence.
//
// It knows H3 cells and points, and nothing of stations or households: what a column means is said by who
// makes the table.
package exports
