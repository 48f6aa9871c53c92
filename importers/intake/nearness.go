package intake

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
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

// nearness finds new stations that lie near another, or have the name of another in their community. It keeps 32
// bytes a station, and no text.
type nearness struct{ spots []spot }

// spot is a station, cut down to what is compared.
type spot struct {
	lng, lat int32  // in 1e-7 degrees
	name     uint64 // hash of community and name
	number   int64  // among the creates; below 0 for one that is in the city, -1 the first
	row      int64
}

// add notes a new station.
func (n *nearness) add(s *yizhan.Station, row, number int64) {
	n.spots = append(n.spots, spotOf(s, row, number))
}

func spotOf(s *yizhan.Station, row, number int64) spot {
	return spot{int32(math.Round(s.Location[0] * 1e7)), int32(math.Round(s.Location[1] * 1e7)), xxhash.Sum64String(s.Community + "\x00" + s.Name), number, row}
}

func (s spot) point() orb.Point { return orb.Point{float64(s.lng) / 1e7, float64(s.lat) / 1e7} }

// cell is the square of some 60 m or more that a spot lies in, as seen from the north of China.
func (s spot) cell() (x, y int32) { return s.lng / 10_000, s.lat / 5_000 }

func compareCells(a, b spot) int {
	ax, ay := a.cell()
	bx, by := b.cell()
	if c := cmp.Compare(ay, by); c != 0 {
		return c
	}
	if c := cmp.Compare(ax, bx); c != 0 {
		return c
	}
	return cmp.Compare(a.number, b.number)
}

// find lists duplicates. Each new station is listed once, with the one nearest to it.
func (n *nearness) find(ctx context.Context, city *yizhan.City, into *check) error {
	if len(n.spots) == 0 {
		return nil
	}
	if err := into.changes[yizhan.Create].done(); err != nil {
		return err
	}
	known := yizhan.Sorted(city.Stations)
	for i, s := range known {
		n.spots = append(n.spots, spotOf(s, 0, int64(-1-i)))
	}
	pairs, err := n.pairs(ctx)
	if err != nil {
		return err
	}
	into.summary.Duplicates = int64(len(pairs))
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.of.number, b.of.number) })
	for _, p := range pairs[:min(len(pairs), maxDuplicates)] {
		if err := p.describe(known, into); err != nil {
			return err
		}
	}
	return nil
}

// pair is a new station with another.
type pair struct {
	of, other spot
	distanceM float64
	near      bool
}

func (n *nearness) pairs(ctx context.Context) ([]pair, error) {
	found := map[int64]pair{}
	keep := func(a, b spot, near bool) {
		if a.number < 0 || b.number >= 0 && b.number > a.number {
			a, b = b, a // the later one is listed, with the one that was there
		}
		if a.number < 0 {
			return // both are in the city
		}
		d := geo.Distance(a.point(), b.point())
		if near && d > nearM {
			return
		}
		if was, have := found[a.number]; !have || near && d < was.distanceM {
			found[a.number] = pair{a, b, d, near}
		}
	}
	slices.SortFunc(n.spots, compareCells)
	for i, a := range n.spots {
		if i%100_000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		n.around(i, a, func(b spot) { keep(a, b, true) })
	}
	slices.SortFunc(n.spots, func(a, b spot) int {
		if c := cmp.Compare(a.name, b.name); c != 0 {
			return c
		}
		return cmp.Compare(a.number, b.number)
	})
	for i := 1; i < len(n.spots); i++ {
		if n.spots[i].name == n.spots[i-1].name {
			keep(n.spots[i], n.spots[i-1], false)
		}
	}
	list := make([]pair, 0, len(found))
	for _, p := range found {
		list = append(list, p)
	}
	return list, nil
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

// describe lists a pair, with the names that were not kept in memory.
func (p pair) describe(known []*yizhan.Station, into *check) error {
	created := func(s spot) (*yizhan.Station, error) {
		page, _, err := into.changes[yizhan.Create].page(s.number, 1)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return nil, errors.New("a station that was found is not there")
		}
		return page[0].Station, nil
	}
	s, err := created(p.of)
	if err != nil {
		return err
	}
	var other *yizhan.Station
	if p.other.number < 0 {
		other = known[-1-p.other.number]
	} else if other, err = created(p.other); err != nil {
		return err
	}
	reason := "near"
	if !p.near {
		reason = "same_name"
	}
	_, err = into.duplicates.add(Duplicate{Row: p.of.row, Code: s.Code, Name: s.Name, Place: s.Location, OtherRow: p.other.row, OtherCode: other.Code,
		OtherName: other.Name, OtherPlace: other.Location, DistanceM: p.distanceM, Reason: reason})
	return err
}
