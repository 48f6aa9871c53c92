package intake

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers"
)

// Duplicate is a new station with another that it may be.
type Duplicate struct {
	Row                  int64
	Code, Name           string
	Place                orb.Point
	OtherRow             int64 // 0 for a station that is not in the file
	OtherCode, OtherName string
	OtherPlace           orb.Point
	DistanceM            float64
	Reason               string // importers.Near or importers.SameName
}

const (
	nearM          = 50
	comparedToMost = 40     // others in a cell: where hundreds lie on one spot, one of them is enough to tell
	maxDuplicates  = 20_000 // that are listed
)

// nearness finds new stations that lie near another, or have the name of another in their community. It keeps some
// 32 bytes a station, and no text.
type nearness struct {
	spots  []spot
	others []other // of each new station, by its number
}

// spot is a station, cut down to what is compared.
type spot struct {
	lng, lat int32  // in 1e-7 degrees
	name     uint64 // hash of community and name
	number   int32  // among the creates; below 0 for one that is in the city, -1 the first
	row      int32
}

// other is the station that a new one may be.
type other struct {
	number    int32 // none if none is set
	distanceM float32
	near, set bool
}

// add notes a new station.
func (n *nearness) add(s *yizhan.Station, row, number int64) {
	n.spots = append(n.spots, spotOf(s, row, number))
}

func spotOf(s *yizhan.Station, row, number int64) spot {
	return spot{int32(math.Round(s.Location[0] * 1e7)), int32(math.Round(s.Location[1] * 1e7)), xxhash.Sum64String(s.Community + "\x00" + s.Name), int32(number), int32(row)}
}

func (s spot) point() orb.Point { return orb.Point{float64(s.lng) / 1e7, float64(s.lat) / 1e7} }

// cell is the square of some 60 m or more that a spot lies in, as seen from the north of China.
func (s spot) cell() (x, y int32) { return s.lng / 10_000, s.lat / 5_000 }

func compareCells(a, b spot) int {
	ax, ay := a.cell()
	bx, by := b.cell()
	return cmp.Or(cmp.Compare(ay, by), cmp.Compare(ax, bx), cmp.Compare(a.number, b.number))
}

// find lists duplicates. Each new station is listed once, with the one nearest to it.
func (n *nearness) find(ctx context.Context, city *yizhan.City, into *check) error {
	if len(n.spots) == 0 {
		return nil
	}
	n.others = make([]other, len(n.spots))
	known := yizhan.Sorted(city.Stations)
	for i, s := range known {
		n.spots = append(n.spots, spotOf(s, 0, int64(-1-i)))
	}
	if err := n.compare(ctx); err != nil {
		return err
	}
	n.spots = nil
	return n.list(ctx, known, into)
}

// compare finds for each new station the one that it may be.
func (n *nearness) compare(ctx context.Context) error {
	slices.SortFunc(n.spots, compareCells)
	for i, a := range n.spots {
		if i%100_000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		n.around(i, a, func(b spot) { n.keep(a, b, true) })
	}
	slices.SortFunc(n.spots, func(a, b spot) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.number, b.number)) })
	for i := 1; i < len(n.spots); i++ {
		if n.spots[i].name == n.spots[i-1].name {
			n.keep(n.spots[i], n.spots[i-1], false)
		}
	}
	return nil
}

// keep notes two stations that may be one, with the later of them.
func (n *nearness) keep(a, b spot, near bool) {
	if a.number < b.number {
		a, b = b, a
	}
	if a.number < 0 {
		return // both are in the city
	}
	d := geo.Distance(a.point(), b.point())
	if near && d > nearM {
		return
	}
	if was := n.others[a.number]; !was.set || near && float32(d) < was.distanceM {
		n.others[a.number] = other{b.number, float32(d), near, true}
	}
}

// around calls do for spots after the i-th in its cell and in the four cells that come later.
func (n *nearness) around(i int, a spot, do func(spot)) {
	x, y := a.cell()
	for j := i + 1; j < len(n.spots) && j <= i+comparedToMost; j++ {
		if bx, by := n.spots[j].cell(); by != y || bx > x+1 {
			break
		}
		do(n.spots[j])
	}
	start, _ := slices.BinarySearchFunc(n.spots[i:], [2]int32{x - 1, y + 1}, func(s spot, want [2]int32) int {
		sx, sy := s.cell()
		if c := cmp.Compare(sy, want[1]); c != 0 {
			return c
		}
		return cmp.Compare(sx, want[0])
	})
	for j := i + start; j < len(n.spots) && j <= i+start+3*comparedToMost; j++ {
		if bx, by := n.spots[j].cell(); by != y+1 || bx > x+1 {
			break
		}
		do(n.spots[j])
	}
}

// list writes down what was found, with the names that were not kept in memory.
func (n *nearness) list(ctx context.Context, known []*yizhan.Station, into *check) error {
	wanted := map[int32]*Duplicate{} // by the number of the new station, and of others that are new
	var order []int32
	for number, o := range n.others {
		if !o.set {
			continue
		}
		if into.summary.Duplicates++; len(order) == maxDuplicates {
			continue
		}
		order = append(order, int32(number))
		wanted[int32(number)] = nil
		if o.number >= 0 {
			wanted[o.number] = nil
		}
	}
	if err := into.look(ctx, wanted); err != nil {
		return err
	}
	for _, number := range order {
		o := n.others[number]
		d := *wanted[number]
		d.DistanceM, d.Reason = float64(o.distanceM), importers.SameName
		if o.near {
			d.Reason = importers.Near
		}
		if o.number >= 0 {
			of := wanted[o.number]
			d.OtherRow, d.OtherCode, d.OtherName, d.OtherPlace = of.Row, of.Code, of.Name, of.Place
		} else {
			s := known[-1-o.number]
			d.OtherCode, d.OtherName, d.OtherPlace = s.Code, s.Name, s.Location
		}
		if _, err := into.duplicates.add(d); err != nil {
			return err
		}
	}
	return nil
}

// look reads the new stations with some numbers.
func (c *check) look(ctx context.Context, wanted map[int32]*Duplicate) error {
	if len(wanted) == 0 {
		return nil
	}
	created := c.changes[yizhan.Create]
	if err := created.done(); err != nil {
		return err
	}
	number := int32(-1)
	return created.each(func(change Change) error {
		number++
		if _, is := wanted[number]; is {
			wanted[number] = &Duplicate{Row: change.Row, Code: change.Station.Code, Name: change.Name, Place: change.Station.Location}
		}
		return ctx.Err()
	})
}
