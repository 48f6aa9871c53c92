package yizhan

import (
	"iter"
	"time"

	"github.com/paulmach/orb"
)

// Op is what an edit does to its feature.
type Op string

// The operations.
const (
	Create Op = "create"
	Update Op = "update"
	Delete Op = "delete"
)

// Edit is one operation on one feature.
type Edit struct {
	Op          Op
	Ref         Ref
	BaseVersion int64   // the version that an update or a delete was based on; 0 for a create
	Feature     Feature // the whole new feature; nil for a delete
}

// CreateOf makes the edit that creates f.
func CreateOf(f Feature) Edit { return Edit{Op: Create, Ref: f.Ref(), Feature: f} }

// UpdateOf makes the edit that replaces the version of f's feature that f.At() names by f.
func UpdateOf(f Feature) Edit {
	return Edit{Op: Update, Ref: f.Ref(), BaseVersion: f.At(), Feature: f}
}

// Changeset (变更集) is a set of edits applied together or not at all. A feature occurs in it once.
type Changeset struct {
	Author string // who: an account, an importer or a command
	Reason string // why, for the history
	Edits  []Edit
	// Contacts are how to reach the leaders that the changeset creates, by their codes. They are sealed at
	// once, and not in the change log.
	Contacts map[string]Contact
}

// Stream is a changeset that may be too large to be held at once. Each part of its edits must be such that it
// could be applied after those before it: what others refer to comes before them, and is deleted after them.
// Edits may be gone through several times, and gives the same each time.
type Stream struct {
	Author string
	Reason string
	Edits  iter.Seq2[Edit, error]
}

// ShapeFault tells why an outline is not a valid one.
type ShapeFault struct {
	Index  int // of the outline, among those that were asked about
	Reason string
	Place  orb.Point
}

// MisfitKind is a way in which outlines are not a partition.
type MisfitKind string

// The ways.
const (
	Overlap   MisfitKind = "overlap"    // two of them
	Gap       MisfitKind = "gap"        // between them, or to the border of the whole
	Outside   MisfitKind = "outside"    // of the whole
	NotShared MisfitKind = "not_shared" // they fit, but do not have the very same vertices
)

// Misfit is a place where outlines are not a partition of a whole.
type Misfit struct {
	Kind   MisfitKind
	Parts  []int // the outlines that it is between, among those that were asked about
	AreaM2 float64
	WidthM float64 // of the widest circle that fits into it, about
	Shape  orb.Geometry
}

// Applied tells how a changeset went in.
type Applied struct {
	ChangesetID int64
	FirstSeq    int64 // the changes it appended are FirstSeq..LastSeq, without a hole
	LastSeq     int64
}

// Change is one line of the change log: what happened to one feature. Seq order is commit order.
type Change struct {
	Seq         int64
	ChangesetID int64
	At          time.Time
	Author      string
	Op          Op
	Ref         Ref
	Version     int64   // the feature's version after the change; for a delete, the version deleted
	Before      Feature // nil for a create, and for leaders
	After       Feature // nil for a delete, and for leaders
}
