// Package intake takes files in: a person uploads one, is told what it holds and in which datums it may be, says
// what its columns mean, reads what is wrong and what would change, and commits all of it as one changeset.
//
// An Import lives in a folder of its own and in the memory of one process; what it found is on disk, so that a
// million rows take no more memory than a thousand. Nothing reaches the city before the commit, which is one
// transaction: whatever happens, nothing of a file is in, or all of it.
package intake
