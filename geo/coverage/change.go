package coverage

import (
	"math"
	"slices"

	"github.com/yizhan/yizhan/geo"
)

// siteChange is what a site was and what it became. Nil is no site.
type siteChange struct{ before, after *Site }

// next is the state of an engine whose sites differ by the changes, and whose cells are the same. Only
// cells in reach of what changed are judged again.
func (s *State) next(e *Engine, changes []siteChange) *State {
	c := changer{State: emptyState(e, s.judge.model), values: s.values.change(), units: s.units.change()}
	if s.demand != e.demand {
		c.recount(s.demand)
	}
	for i := range changes {
		c.change(&changes[i])
	}
	c.State.values, c.State.units = c.values.chunked, c.units.chunked
	return c.State
}

// changer makes a state from the one before it.
type changer struct {
	*State
	values changing[value]
	units  changing[unitTally]

	near   []int32 // sites that can be in reach of the cells at hand
	merits []merit // of near
	places []geo.ECEF
	found  []int32 // positions in near
	cells  []pair

	before []int32 // what was found for the cell before, and what it made of it
	value  value
}

// change judges the cells again that a site has or had in reach.
func (c *changer) change(change *siteChange) {
	before, after := change.before, change.after
	if before != nil && after != nil && before.At == after.At {
		if !sameMerit(c.judge.merit(before), c.judge.merit(after)) {
			c.judgeAround(after)
		}
		return
	}
	for _, site := range []*Site{before, after} {
		if site == nil {
			continue
		}
		if v := c.judge.merit(site); v.counts() {
			c.judgeAround(site)
		}
	}
}

// sameMerit tells whether two sites count for the same.
func sameMerit(a, b merit) bool {
	if a.sure != b.sure || a.maybe != b.maybe {
		return false
	}
	return (a.sure == 0 || *a.open == *b.open) && (a.maybe == 0 || *a.maybeOpen == *b.maybeOpen)
}

// judgeAround judges the cells again from which the place of a site is in reach.
func (c *changer) judgeAround(site *Site) {
	finest := c.demand.finest()
	c.cells = finest.reachedFrom(c.cells[:0], site.At, &c.metric)
	c.findNear(site)
	c.before, c.value = c.before[:0], value{}
	areas := finest.areas()
	for _, p := range c.cells {
		v := c.judgeCell(finest.lattice, p.cell)
		if old := *c.values.at(p.cell); old != v {
			addCell(c.demand, &c.units, p.cell, &old, areas[p.cell], -1)
			addCell(c.demand, &c.units, p.cell, &v, areas[p.cell], 1)
			*c.values.own(p.cell) = v
		}
	}
}

// findNear finds the sites that count and can have a cell in reach that this one has.
func (c *changer) findNear(site *Site) {
	at := geo.ToECEF(site.At)
	twice := 2*math.Sqrt(c.metric.squaredChord) + slackM
	c.near, c.merits, c.places = c.near[:0], c.merits[:0], c.places[:0]
	for i, place := range c.State.places {
		if place.SquaredChord(at) > twice*twice {
			continue
		}
		if v := c.judge.merit(&c.sites[i]); v.counts() {
			c.near, c.merits, c.places = append(c.near, int32(i)), append(c.merits, v), append(c.places, place)
		}
	}
}

func (c *changer) judgeCell(l *lattice, cell int32) value {
	at := l.at(cell)
	c.found = c.found[:0]
	for i, place := range c.places {
		square := at.SquaredChord(place)
		if square > c.metric.squaredChord {
			continue
		}
		if _, ok := c.metric.meters(square, l.centers[cell], c.sites[c.near[i]].At); ok {
			c.found = append(c.found, int32(i))
		}
	}
	if !slices.Equal(c.found, c.before) {
		c.value = c.judge.of(c.found, c.merits)
		c.before = append(c.before[:0], c.found...)
	}
	return c.value
}

// recount sums the units up anew whose numbers of households differ from those of another demand of the
// same structure, and those that gain or lose a cell by it.
func (c *changer) recount(old *Demand) {
	d := c.demand
	changed := make([]bool, len(d.units))
	for i, households := range d.partHouseholds {
		if households != old.partHouseholds[i] {
			changed[d.partUnit[i]] = true
		}
	}
	if d.homes != old.homes {
		for cell, home := range d.homes.of {
			if was := old.homes.of[cell]; was != home {
				changed[was], changed[home] = true, true
			}
		}
	}
	for unit := range changed {
		if changed[unit] {
			c.recountUnit(int32(unit))
		}
	}
}

func (c *changer) recountUnit(unit int32) {
	d := c.demand
	areas := d.finest().areas()
	sum := unitTally{}
	parts, cells := d.partsOf(int(unit), int(unit)+1)
	for n, i := range parts {
		v := c.values.at(cells[n])
		sum.add(v, int64(d.partHouseholds[i]))
		if d.homes.of[cells[n]] == unit {
			sum.areaM2.addIf(v.known.once, v.possible.once, areas[cells[n]])
		}
	}
	*c.units.own(unit) = sum
}
