// Package takeaway makes tables of the city's features for package exports, and files of them in every format
// that people take away: what `yizhan export` writes and what the server answers is the same file.
//
// A file is made whole before anybody sees it, on disk, in memory that does not grow with the city. Features
// come in the order of their codes from one state of the city, so that the same data gives the same bytes. A
// file says in which reference its coordinates are, in its name and inside. Importing it again changes nothing.
//
// It knows no leader: who leads a micro-grid is personal, and in no export.
package takeaway
