package yizhan

import (
	"regexp"

	"github.com/paulmach/orb"
)

// GridStatus is where a micro-grid stands in its review.
type GridStatus string

// The states of a micro-grid.
const (
	GridDraft     GridStatus = "draft"
	GridInReview  GridStatus = "in_review"
	GridReturned  GridStatus = "returned"
	GridPublished GridStatus = "published"
)

// Zone tells the built-up core of a community from the land around it.
type Zone string

// The zones.
const (
	ZoneCore       Zone = "core"
	ZoneHinterland Zone = "hinterland"
)

// MicroGrid (微网格) is the smallest governed area. The micro-grids of a community are a partition of it.
type MicroGrid struct {
	Code       string // the community's code and a serial of three digits
	Community  string
	Name       string
	Households int
	Zone       Zone
	Status     GridStatus
	Boundary   orb.MultiPolygon
	Synthetic  bool // generated for the demo
	Version    int64
}

var microGridCode = regexp.MustCompile(`^[0-9]{15}$`)

// MaxHouseholds bounds the households of a micro-grid; a usual one has about 29.
const MaxHouseholds = 10_000

// Ref names the micro-grid.
func (g *MicroGrid) Ref() Ref { return Ref{MicroGrids, g.Code} }

// At gives the version.
func (g *MicroGrid) At() int64 { return g.Version }

// Validate checks what can be checked without other features.
func (g *MicroGrid) Validate() error {
	switch {
	case !microGridCode.MatchString(g.Code):
		return Invalid("code", "%q is not a micro-grid code of 15 digits", g.Code)
	case g.Community != g.Code[:12]:
		return Invalid("community", "%q is not the community that code %s names", g.Community, g.Code)
	case g.Households < 0 || g.Households > MaxHouseholds:
		return Invalid("households", "%d is not in 0..%d", g.Households, MaxHouseholds)
	case g.Zone != ZoneCore && g.Zone != ZoneHinterland:
		return Invalid("zone", "%q is not core or hinterland", g.Zone)
	}
	switch g.Status {
	case GridDraft, GridInReview, GridReturned, GridPublished:
	default:
		return Invalid("status", "%q is not draft, in_review, returned or published", g.Status)
	}
	if err := checkName("name", g.Name); err != nil {
		return err
	}
	return checkMultiPolygon("boundary", g.Boundary)
}

// LeaderRole is a place in the iron triangle (铁三角) of a micro-grid.
type LeaderRole string

// The three roles.
const (
	RoleUnitLeader LeaderRole = "unit_leader"        // 单元(联户)长
	RoleGridMember LeaderRole = "grid_member"        // 网格员
	RolePartyGroup LeaderRole = "party_group_leader" // 党小组长
)

// Leader is a person who answers for a micro-grid. Name and phone are personal data and are not here:
// the store keeps them sealed.
type Leader struct {
	Code       string // the micro-grid's code and a serial of two digits
	MicroGrid  string
	Role       LeaderRole
	Households int    // how many households he or she leads
	Selected   string // how selected: elected, recommended, appointed
	Synthetic  bool
	Version    int64
}

var leaderCode = regexp.MustCompile(`^[0-9]{17}$`)

// Ref names the leader.
func (l *Leader) Ref() Ref { return Ref{Leaders, l.Code} }

// At gives the version.
func (l *Leader) At() int64 { return l.Version }

// Validate checks what can be checked without other features.
func (l *Leader) Validate() error {
	switch {
	case !leaderCode.MatchString(l.Code):
		return Invalid("code", "%q is not a leader code of 17 digits", l.Code)
	case l.MicroGrid != l.Code[:15]:
		return Invalid("micro_grid", "%q is not the micro-grid that code %s names", l.MicroGrid, l.Code)
	case l.Households < 0 || l.Households > MaxHouseholds:
		return Invalid("households", "%d is not in 0..%d", l.Households, MaxHouseholds)
	}
	switch l.Role {
	case RoleUnitLeader, RoleGridMember, RolePartyGroup:
	default:
		return Invalid("role", "%q is not unit_leader, grid_member or party_group_leader", l.Role)
	}
	switch l.Selected {
	case "elected", "recommended", "appointed":
		return nil
	}
	return Invalid("selected", "%q is not elected, recommended or appointed", l.Selected)
}
