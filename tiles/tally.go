package tiles

import (
	"maps"
	"slices"

	"github.com/yizhan/yizhan"
)

// tally counts what is below each unit. It is immutable; after makes the next one.
type tally struct {
	communities map[string]*community
	sums        map[string]unitCounts // of every unit over everything below it
}

// community is what belongs to one community.
type community struct {
	grids, stations []string // codes, sorted
	unitCounts
}

// unitCounts are sums over everything below a unit.
type unitCounts struct{ households, microGrids, stations int }

func (c *unitCounts) add(o unitCounts) {
	c.households += o.households
	c.microGrids += o.microGrids
	c.stations += o.stations
}

func newTally(city *yizhan.City) *tally {
	t := &tally{communities: make(map[string]*community, len(city.MicroGrids)/32)}
	of := func(code string) *community {
		c := t.communities[code]
		if c == nil {
			c = &community{}
			t.communities[code] = c
		}
		return c
	}
	for code, grid := range city.MicroGrids {
		c := of(grid.Community)
		c.grids = append(c.grids, code)
	}
	for code, station := range city.Stations {
		c := of(station.Community)
		c.stations = append(c.stations, code)
	}
	for _, c := range t.communities {
		slices.Sort(c.grids)
		slices.Sort(c.stations)
		c.count(city)
	}
	t.sum(city.Units)
	return t
}

func (c *community) count(city *yizhan.City) {
	c.unitCounts = unitCounts{microGrids: len(c.grids), stations: len(c.stations)}
	for _, code := range c.grids {
		c.households += city.MicroGrids[code].Households
	}
}

// sum adds the communities up. Communities come by the thousand, so that all are added each time.
func (t *tally) sum(units map[string]*yizhan.Unit) {
	t.sums = make(map[string]unitCounts, len(units))
	for code, c := range t.communities {
		eachAbove(units, code, func(unit *yizhan.Unit) bool {
			sums := t.sums[unit.Code]
			sums.add(c.unitCounts)
			t.sums[unit.Code] = sums
			return true
		})
	}
}

// eachAbove calls do for a unit and those above it, as long as it likes. A cycle of parents, which the
// store refuses, does not hold it up.
func eachAbove(units map[string]*yizhan.Unit, code string, do func(*yizhan.Unit) bool) {
	unit := units[code]
	for range yizhan.Levels() {
		if unit == nil || !do(unit) {
			return
		}
		unit = units[unit.Parent]
	}
}

// after is the tally of a later city, in which some micro-grids and stations changed. It also gives the
// communities that are not as they were.
func (t *tally) after(was, is *yizhan.City, grids, stations []string) (*tally, map[string]bool) {
	next := &tally{communities: maps.Clone(t.communities)}
	changed := map[string]bool{}
	edit := func(code string) *community {
		if !changed[code] {
			changed[code] = true
			c := &community{}
			if old := next.communities[code]; old != nil {
				c.grids, c.stations = slices.Clone(old.grids), slices.Clone(old.stations)
			}
			next.communities[code] = c
		}
		return next.communities[code]
	}
	for _, code := range grids {
		if old := was.MicroGrids[code]; old != nil {
			c := edit(old.Community)
			c.grids = without(c.grids, code)
		}
		if grid := is.MicroGrids[code]; grid != nil {
			c := edit(grid.Community)
			c.grids = including(c.grids, code)
		}
	}
	for _, code := range stations {
		if old := was.Stations[code]; old != nil {
			c := edit(old.Community)
			c.stations = without(c.stations, code)
		}
		if station := is.Stations[code]; station != nil {
			c := edit(station.Community)
			c.stations = including(c.stations, code)
		}
	}
	for code := range changed {
		if c := next.communities[code]; len(c.grids)+len(c.stations) > 0 {
			c.count(is)
		} else {
			delete(next.communities, code)
		}
	}
	next.sum(is.Units)
	return next, changed
}

func without(sorted []string, code string) []string {
	if i, found := slices.BinarySearch(sorted, code); found {
		return slices.Delete(sorted, i, i+1)
	}
	return sorted
}

func including(sorted []string, code string) []string {
	if i, found := slices.BinarySearch(sorted, code); !found {
		return slices.Insert(sorted, i, code)
	}
	return sorted
}

// changedSums gives the units whose sums differ.
func (t *tally) changedSums(o *tally) map[string]bool {
	changed := map[string]bool{}
	for code, sums := range t.sums {
		if o.sums[code] != sums {
			changed[code] = true
		}
	}
	for code := range o.sums {
		if _, there := t.sums[code]; !there {
			changed[code] = true
		}
	}
	return changed
}
