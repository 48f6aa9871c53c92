// Package feed follows the change log of the database and keeps the views in memory up to date.
//
// A Feed loads the whole city once, then reads the log by seq: what comes after the last change it has.
// A notification of the database only rings for it to look; a lost one costs the time of a poll and
// never a change. Each view gets every change once and in order, on a goroutine of its own, so that
// one that is slow or fails holds up no other. Subscribers follow the same log by the same numbers, each
// at its own pace.
//
// The seqs of a log have no hole and their order is the order of commits. Where that does not hold for
// what is read, or the last change known is not in the log any more, it is another log: the database was
// restored or replaced, and the city is loaded anew.
//
// It deliberately knows neither SQL nor what the views do, and keeps nothing on disk.
package feed
