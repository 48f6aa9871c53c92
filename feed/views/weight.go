package views

import (
	"math"
	"strings"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// WeightKey names the figures of an indicator as of a date. The figures of a version never change.
type WeightKey struct {
	ID      string
	Version int64
	Date    string // as in 2026-06-30
}

// Weight is what pictures can count in place of households: whole counts of units of one level. It does not change.
type Weight struct {
	WeightKey
	Title, Measure string // of the indicator; Measure may be empty
	Level          yizhan.Level
	Source         string
	Synthetic      bool
	Sum            int64
	counts         []coverage.Count
}

// WeightOf makes a weight of the figures of an indicator; the error tells why it cannot.
func WeightOf(i *yizhan.Indicator, r *yizhan.Release) (*Weight, error) {
	if err := i.CanWeigh(&r.ReleaseHead); err != nil {
		return nil, err
	}
	w := &Weight{WeightKey: WeightKey{i.ID, i.Version, r.Date.Format(time.DateOnly)}, Title: i.Name, Measure: i.Measure,
		Level: i.Level, Source: r.Source, Synthetic: i.Synthetic}
	for _, f := range r.Figures {
		if f.Value < 0 || f.Value > yizhan.MaxWeighed || f.Value != math.Trunc(f.Value) {
			return nil, yizhan.Invalid("weight", "has %g of unit %s: only whole counts can be shared out", f.Value, f.Unit)
		}
		w.Sum += int64(f.Value)
		w.counts = append(w.counts, coverage.Count{Prefix: f.Unit, Number: int64(f.Value)})
	}
	return w, nil
}

// Counted tells what the figures of a picture count that are called households elsewhere.
type Counted struct {
	*Weight
	Placed   int64 // in units that have households: what the city counts
	Unplaced struct {
		Units int   // with a figure above 0 and no households, or that are no more
		Sum   int64 // of their figures, which nothing counts
	}
	Without struct {
		Units      int   // of the level of the figures, with households and without a figure: they count nothing
		Households int64 // that lie in no unit with a figure
	}
}

// maxWeighings bounds the weighed pictures that a picture keeps, and maxCountings the demands of a ground.
const (
	maxWeighings = 3
	maxCountings = 4
)

// Weighed is the picture whose demand is not households but a weight, shared out in every unit as its households
// are. A scenario lies over the weighed city: what it scales are the counts.
func (p *Picture) Weighed(w *Weight) (*Picture, error) {
	return p.weighings.Get(w.WeightKey, func() (*Picture, error) { return p.weigh(w) })
}

func (p *Picture) weigh(w *Weight) (*Picture, error) {
	next := emptyPicture(p.city)
	next.children, next.stations, next.ground = p.children, p.stations, p.ground
	if p.overlaid != nil {
		base, err := p.overlaid.base.Weighed(w)
		if err != nil {
			return nil, err
		}
		next.overlaid, next.counted = &overlaid{p.overlaid.name, base, p.overlaid.overlay}, base.counted
		return next, nil
	}
	counting, err := p.ground.counting(w, DemandResolution)
	if err != nil {
		return nil, err
	}
	next.unweighed, next.counted = p, p.tellCounted(w, counting)
	if next.counted.Placed == 0 {
		return nil, yizhan.Invalid("weight", "counts nothing in units that have households")
	}
	return next, nil
}

// tellCounted tells what became of the figures of a weight.
func (p *Picture) tellCounted(w *Weight, counting counting) *Counted {
	c := &Counted{Weight: w, Placed: counting.demand.Households("")}
	c.Unplaced.Sum = w.Sum - c.Placed
	for _, at := range counting.unplaced {
		if w.counts[at].Number > 0 {
			c.Unplaced.Units++
		}
	}
	households := p.ground.usual()
	c.Without.Households = households.Households("")
	figured := make(map[string]bool, len(w.counts))
	for _, count := range w.counts {
		figured[count.Prefix] = true
		c.Without.Households -= households.Households(count.Prefix)
	}
	for _, unit := range p.units {
		if unit.Level == w.Level && !figured[unit.Code] && households.Households(prefixOf(unit)) > 0 {
			c.Without.Units++
		}
	}
	return c
}

// sameWeight refuses to put pictures beside each other that count different things.
func sameWeight(a, b *Picture) error {
	if a.counted == b.counted || a.counted != nil && b.counted != nil && a.counted.WeightKey == b.counted.WeightKey {
		return nil
	}
	return yizhan.Invalid("weight", "differs: what is compared must count the same")
}

// countingKey names a demand that counts a weight.
type countingKey struct {
	WeightKey
	resolution int
}

// counting is a demand that counts a weight, and the positions of the figures that nothing counts.
type counting struct {
	demand   *coverage.Demand
	unplaced []int
}

// counting is the demand of a ground in terms of a weight. What is coarser than DemandResolution is rolled up
// from there, as households are.
func (g *ground) counting(w *Weight, resolution int) (counting, error) {
	return g.countings.Get(countingKey{w.WeightKey, resolution}, func() (counting, error) {
		if resolution < DemandResolution {
			usual, err := g.counting(w, DemandResolution)
			if err != nil {
				return counting{}, err
			}
			usual.demand, err = usual.demand.RollUp(resolution)
			return usual, err
		}
		households, err := g.demand(resolution)
		if err != nil {
			return counting{}, err
		}
		demand, unplaced, err := households.Counting(w.counts)
		return counting{demand, unplaced}, asked(err)
	})
}

// MeasureOr is the unit of measurement of what is counted, its title where it has none; households if c is nil.
func (c *Counted) MeasureOr(households string) string {
	if c == nil {
		return households
	}
	if measure := strings.TrimSpace(c.Measure); measure != "" {
		return measure
	}
	return c.Title
}

// KeepWeight gives a weight, made if need be, and keeps it for a while.
func (v *Coverage) KeepWeight(key WeightKey, load func() (*Weight, error)) (*Weight, error) {
	return v.weights.Get(key, load)
}

// KeptWeight is a weight that KeepWeight gave a while ago, if it is still there.
func (v *Coverage) KeptWeight(key WeightKey) (*Weight, bool) { return v.weights.Peek(key) }

// maxWeights bounds the weights that are kept, of up to a megabyte each.
const maxWeights = 16
