package coverage

import (
	"cmp"
	"slices"
)

// GapChangeKind is what became of gaps.
type GapChangeKind uint8

// The kinds of change. Gaps are the same if they have a cell in common.
const (
	GapCreated   GapChangeKind = iota // none before
	GapClosed                         // none after
	GapGrown                          // lost no cell and won some, or won households in the same cells
	GapShrunk                         // won no cell and lost some, or lost households in the same cells
	GapShifted                        // won cells and lost others
	GapSplit                          // one became several
	GapMerged                         // several became one
	GapRegrouped                      // several became several others
)

// String is the name of the kind.
func (k GapChangeKind) String() string {
	names := [...]string{"created", "closed", "grown", "shrunk", "shifted", "split", "merged", "regrouped"}
	if int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}

// GapChange is one change: the gaps before and after that overlap each other and no others.
type GapChange struct {
	Kind          GapChangeKind
	Before, After []int // gaps of the one and the other, ascending
	// Cells and households that came into gaps and that left them. Where the households of a cell that stays
	// have changed, the difference counts.
	CellsGained, CellsLost           int
	HouseholdsGained, HouseholdsLost int64
}

// GapDiff tells what became of gaps, most households gained or lost first, then in the order of the gaps before
// and of those after. Gaps that did not change are left out. The two may be of different demands if
// those have the same resolution: cells are told by their index.
func GapDiff(before, after *Gaps) ([]GapChange, error) {
	if a, b := before.demand.resolution, after.demand.resolution; a != b {
		return nil, invalid("resolution", "is %d before and %d after: their gaps cannot be compared", a, b)
	}
	m := newGapMatch(before, after)
	changes := m.changes()
	changed := changes[:0]
	for _, c := range changes {
		if c.classify(); len(c.Before) != 1 || len(c.After) != 1 || c.moved() {
			changed = append(changed, c)
		}
	}
	slices.SortFunc(changed, func(a, b GapChange) int {
		return cmp.Or(
			cmp.Compare(b.HouseholdsGained+b.HouseholdsLost, a.HouseholdsGained+a.HouseholdsLost),
			slices.Compare(a.Before, b.Before), slices.Compare(a.After, b.After),
		)
	})
	return slices.Clip(changed), nil
}

func (c *GapChange) moved() bool {
	return c.CellsGained != 0 || c.CellsLost != 0 || c.HouseholdsGained != 0 || c.HouseholdsLost != 0
}

func (c *GapChange) classify() {
	gained := c.CellsGained > 0 || c.CellsLost == 0 && c.HouseholdsGained > 0
	lost := c.CellsLost > 0 || c.CellsGained == 0 && c.HouseholdsLost > 0
	switch before, after := len(c.Before), len(c.After); {
	case before == 0:
		c.Kind = GapCreated
	case after == 0:
		c.Kind = GapClosed
	case before == 1 && after > 1:
		c.Kind = GapSplit
	case before > 1 && after == 1:
		c.Kind = GapMerged
	case before > 1:
		c.Kind = GapRegrouped
	case gained && lost:
		c.Kind = GapShifted
	case gained:
		c.Kind = GapGrown
	default:
		c.Kind = GapShrunk
	}
}

// gapMatch joins gaps that overlap. Gaps of both sides are its nodes: those after follow those before.
type gapMatch struct {
	before, after *Gaps
	parents       []int32
}

func newGapMatch(before, after *Gaps) *gapMatch {
	m := &gapMatch{before, after, make([]int32, before.Len()+after.Len())}
	for i := range m.parents {
		m.parents[i] = int32(i)
	}
	m.eachCell(func(from, to int32, _, _ int64) {
		if from != nowhere && to != nowhere {
			join(m.parents, rootOf(m.parents, from), rootOf(m.parents, to+int32(before.Len())))
		}
	})
	return m
}

// eachCell calls do with every cell that is in a gap before or after, and its households in either.
func (m *gapMatch) eachCell(do func(before, after int32, householdsBefore, householdsAfter int64)) {
	a, b := m.before.demand.finest(), m.after.demand.finest()
	for i, j := 0, 0; i < len(a.cells) || j < len(b.cells); {
		from, to := int32(nowhere), int32(nowhere)
		var householdsBefore, householdsAfter int64
		order := -1
		switch {
		case i == len(a.cells):
			order = 1
		case j < len(b.cells):
			order = cmp.Compare(a.cells[i], b.cells[j])
		}
		if order <= 0 {
			if from = m.before.gapOf[i]; from != nowhere {
				householdsBefore = a.households[i]
			}
			i++
		}
		if order >= 0 {
			if to = m.after.gapOf[j]; to != nowhere {
				householdsAfter = b.households[j]
			}
			j++
		}
		if from != nowhere || to != nowhere {
			do(from, to, householdsBefore, householdsAfter)
		}
	}
}

// changes sums up what happened in each set of gaps that overlap, changed or not.
func (m *gapMatch) changes() []GapChange {
	var changes []GapChange
	changeOf := make([]int32, len(m.parents))
	for node := range m.parents {
		root := rootOf(m.parents, int32(node))
		if root == int32(node) { // the first of its set
			changeOf[node] = int32(len(changes))
			changes = append(changes, GapChange{})
		}
		changeOf[node] = changeOf[root]
		c := &changes[changeOf[node]]
		if node < m.before.Len() {
			c.Before = append(c.Before, node)
		} else {
			c.After = append(c.After, node-m.before.Len())
		}
	}
	m.eachCell(func(from, to int32, householdsBefore, householdsAfter int64) {
		node := from
		if from == nowhere {
			node = to + int32(m.before.Len())
		}
		c := &changes[changeOf[node]]
		if from == nowhere {
			c.CellsGained++
		}
		if to == nowhere {
			c.CellsLost++
		}
		c.HouseholdsGained += max(0, householdsAfter-householdsBefore)
		c.HouseholdsLost += max(0, householdsBefore-householdsAfter)
	})
	return changes
}
