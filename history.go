package yizhan

import "time"

// ChangesetInfo is a changeset as the history keeps it.
type ChangesetInfo struct {
	ID       int64
	At       time.Time
	Author   string
	Reason   string
	FirstSeq int64 // its changes are FirstSeq..LastSeq
	LastSeq  int64
}

// HistoryEntry is a change with the reason of its changeset.
type HistoryEntry struct {
	Change
	Reason string
}

// Moment is a point of the change log: a seq, or a time if Seq is 0.
type Moment struct {
	Seq  int64
	Time time.Time
}
