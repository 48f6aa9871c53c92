package views

import (
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/memo"
)

// DemandResolution is the H3 resolution at which demand is held for the usual reach: cells of about 130 m
// across, an eighth of it.
const DemandResolution = 10

// The resolutions for other reaches.
const (
	// CoarsestResolution is the coarsest roll-up that is offered, of cells of about 1,500 km² here.
	CoarsestResolution = 4
	// FinestResolution is that of the demand for reaches of 500 m or less.
	FinestResolution = 11
)

// ground is where the households of one city are, at each resolution. That of FinestResolution is shared
// out when first asked for; what is coarser than DemandResolution is rolled up from there.
type ground struct {
	city      *yizhan.City // whose micro-grids these are
	present   bool         // the tracts may be held as those of the present city
	makers    *makers
	demands   memo.Memo[int, *coverage.Demand]
	countings memo.Memo[countingKey, counting]
	index     *gridIndex
}

// makers share households out.
type makers struct {
	usual, finest *tracts
	patience      time.Duration // how long one who asks waits for the finest
}

func newGround(city *yizhan.City, present bool, m *makers, usual *coverage.Demand) *ground {
	g := &ground{city: city, present: present, makers: m, index: &gridIndex{grids: city.MicroGrids}}
	g.demands.Limit, g.countings.Limit = FinestResolution, maxCountings
	g.demands.Put(DemandResolution, usual)
	return g
}

// usual is the demand at DemandResolution.
func (g *ground) usual() *coverage.Demand {
	demand, _ := g.demands.Peek(DemandResolution)
	return demand
}

func (g *ground) demand(resolution int) (*coverage.Demand, error) {
	if demand, made := g.demands.Peek(resolution); made {
		return demand, nil
	}
	if resolution < DemandResolution {
		return g.demands.Get(resolution, func() (*coverage.Demand, error) { return g.usual().RollUp(resolution) })
	}
	return g.finest()
}

// finest is the demand at FinestResolution. What takes longer than the makers' patience goes on without
// whoever asked first.
func (g *ground) finest() (demand *coverage.Demand, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		demand, err = g.shareOutFinest()
	}()
	patience := time.NewTimer(g.makers.patience)
	defer patience.Stop()
	select {
	case <-done:
		return demand, err
	case <-patience.C:
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the households are still being shared out to cells fine enough for a reach of 500 m or less; ask again in a moment")
	}
}

// shareOutFinest makes the demand at FinestResolution, however long that takes.
func (g *ground) shareOutFinest() (*coverage.Demand, error) {
	return g.demands.Get(FinestResolution, func() (*coverage.Demand, error) {
		demand, _, err := g.makers.finest.demandOf(g.city, false) // what it shared out is not worth the memory
		return demand, err
	})
}

// gridChanges are micro-grids that are no more, and those that are new. One that was changed is in both.
type gridChanges struct{ was, is []*yizhan.MicroGrid }

func (c *gridChanges) count() int { return len(c.was) + len(c.is) }

func (c *gridChanges) add(was, is *yizhan.MicroGrid) {
	if was == is {
		return
	}
	if was != nil {
		c.was = append(c.was, was)
	}
	if is != nil {
		c.is = append(c.is, is)
	}
}

// changedGrids compares the micro-grids that some changes are about.
func changedGrids(was, is *yizhan.City, changes []yizhan.Change) gridChanges {
	var found gridChanges
	seen := map[string]bool{}
	for i := range changes {
		ref := changes[i].Ref
		if ref.Collection == yizhan.MicroGrids && !seen[ref.Code] {
			seen[ref.Code] = true
			found.add(was.MicroGrids[ref.Code], is.MicroGrids[ref.Code])
		}
	}
	return found
}

// allChangedGrids compares all micro-grids of two cities, by their pointers, in the order of codes.
func allChangedGrids(was, is *yizhan.City) gridChanges {
	var found gridChanges
	for _, grid := range yizhan.Sorted(was.MicroGrids) {
		if is.MicroGrids[grid.Code] != grid {
			found.add(grid, nil)
		}
	}
	for _, grid := range yizhan.Sorted(is.MicroGrids) {
		if was.MicroGrids[grid.Code] != grid {
			found.add(nil, grid)
		}
	}
	return found
}

// change is the ground of another city, which differs by some micro-grids.
func (g *ground) change(city *yizhan.City, c gridChanges, present bool) (*ground, error) {
	if c.count() == 0 && g.present == present {
		return g, nil
	}
	usual, err := g.makers.usual.change(g.usual(), c.was, c.is, present)
	if err != nil {
		return nil, err
	}
	next := newGround(city, present, g.makers, usual)
	if finest, made := g.demands.Peek(FinestResolution); made {
		if finest, err = g.makers.finest.change(finest, c.was, c.is, false); err != nil {
			return nil, err
		}
		next.demands.Put(FinestResolution, finest)
	}
	if c.count() == 0 {
		next.index = g.index
	}
	return next, nil
}
