package yizhan

import (
	"time"

	"github.com/paulmach/orb"
)

// Rules for what a person draws. They hold for micro-grids whose boundary an edit changes.
const (
	MinGridWidth = 3.0   // metres: no place of a micro-grid is narrower
	MinGridArea  = 200.0 // square metres

	// HouseholdsPerLeader is what one unit leader is meant to answer for; from OverloadedHouseholds on it is half as
	// many again.
	HouseholdsPerLeader  = 29
	OverloadedHouseholds = 44
)

// Step is what happens to a community in its review. Drawing makes drafts; a step takes all of them on
// together.
type Step string

// The steps.
const (
	StepSubmit  Step = "submit"  // drafts and what was returned go into review
	StepReturn  Step = "return"  // what is in review goes back to the planner
	StepPublish Step = "publish" // what is in review is published
)

// Act is what one must be allowed to do in the community.
func (s Step) Act() Act {
	if s == StepSubmit {
		return ActEditGrids
	}
	return ActReviewGrids
}

// From lists the states of micro-grids that the step takes on, and To is the one that they get.
func (s Step) From() []GridStatus {
	if s == StepSubmit {
		return []GridStatus{GridDraft, GridReturned}
	}
	return []GridStatus{GridInReview}
}

// To is the state that micro-grids have after the step.
func (s Step) To() GridStatus {
	return map[Step]GridStatus{StepSubmit: GridInReview, StepReturn: GridReturned, StepPublish: GridPublished}[s]
}

// StepRequest asks for a step.
type StepRequest struct {
	Community string
	Step      Step
	Seq       int64  // of the last change that whoever asks has looked at
	Note      string // why, for the history
}

// Standing is how a community stands in its review. It follows from the micro-grids and the change log.
type Standing struct {
	Community   string
	Counts      map[GridStatus]int
	Households  int
	Leaderless  int       // micro-grids without a unit leader
	Overloaded  int       // micro-grids with more than half as many households again as one leader is meant to answer for
	Seq         int64     // of the last change of a micro-grid; 0 if there never was one
	Published   int64     // the seq at which all of it was published last; 0 if it never was
	PublishedAt time.Time // zero if it never was
	Hands       []string  // who has changed a micro-grid of it since: none of them may publish it
}

// Status is the state of the whole: that of the micro-grids which are furthest from being published. It is empty
// for a community without micro-grids.
func (s Standing) Status() GridStatus {
	for _, status := range []GridStatus{GridDraft, GridReturned, GridInReview, GridPublished} {
		if s.Counts[status] > 0 {
			return status
		}
	}
	return ""
}

// CommunityChange is a changeset as the history of a community tells it.
type CommunityChange struct {
	ChangesetInfo
	MicroGrids int  // how many of the community it touched
	Reshaped   int  // of how many it changed the boundary
	Step       Step // empty if it changed more than states
}

// Stretch is a piece of the borders in a community with the changeset that drew it.
type Stretch struct {
	ChangesetInfo
	MicroGrids []string // on its sides: one or two
	Lines      orb.MultiLineString
}

// Conflict is a feature that somebody else changed first.
type Conflict struct {
	Ref  Ref
	Base int64   // the version that the edit was based on; 0 for a create
	Was  Feature // at that version; nil for a create, and if it is not known
	Now  Feature // nil if it was deleted
}

// Place is a place where an edit breaks a rule.
type Place struct {
	Kind       string   // overlap, gap, outside, edge, narrow, small, multipart, invalid
	MicroGrids []string // that have to do with it
	Shape      orb.Geometry
}

// Comment is a remark about a community, pinned to a place or to a micro-grid.
type Comment struct {
	ID         int64
	Community  string
	MicroGrid  string     // empty if it is about no single one
	Location   *orb.Point // nil if it is about no place
	Seq        int64      // of the change log when it was written
	Author     string
	Text       string
	At         time.Time
	ResolvedBy string    // empty while it is open
	ResolvedAt time.Time // zero while it is open
}

// Bounds of a comment.
const (
	MaxComment  = 2_000 // characters
	MaxComments = 500   // of one community
)

// LeaseLife is how long a lease holds without a sign of life.
const LeaseLife = 30 * time.Minute

// Lease tells who is editing a community. It keeps nobody away: edits are held against versions.
type Lease struct {
	Community string
	Holder    string
	Since     time.Time
	Until     time.Time
}
