// Package instance reads published location problems: the SJC instances of maximal covering (São José dos
// Campos; Lorena and Pereira) and the p-median graphs of the OR-Library (Beasley).
//
// A file is read as if it were hostile: sizes are bounded before anything is made for them, every number is
// checked, and an error names the line.
package instance
