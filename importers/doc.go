// Package importers holds the vocabulary of what comes in as files: a Source reads one kind of file and hands
// over Records, whatever is wrong with one being a Problem of it. Each source is a package below this one and
// knows nothing of cities; what records mean, and which changeset they make, is decided in intake.
package importers
