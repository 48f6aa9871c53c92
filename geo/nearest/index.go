package nearest

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
)

// Index holds points for search. It is safe for concurrent use.
type Index struct {
	// places are the points in the order of the tree: the middle of each range splits it, places
	// before it are not beyond it on the axis, places after it not before it. A range of leafSize or
	// fewer is scanned. The shape follows from the length alone, so there are no links.
	places []place
	axes   []uint8 // on which axis the middle at this position splits
}

type place struct {
	at    [3]float64
	index int32 // of the point as given
}

const leafSize = 8

// New makes an index of the points, whose coordinates must be finite; a point with NaN is never found.
// It keeps no reference to the slice.
func New(points []orb.Point) *Index {
	x := &Index{places: make([]place, 0, len(points)), axes: make([]uint8, len(points))}
	for i, p := range points {
		at := geo.ToECEF(p)
		if !math.IsNaN(at.X + at.Y + at.Z) {
			x.places = append(x.places, place{at: [3]float64{at.X, at.Y, at.Z}, index: int32(i)})
		}
	}
	x.build(0, len(x.places))
	return x
}

// Len is the number of points that can be found.
func (x *Index) Len() int { return len(x.places) }

// Query asks for the points nearest to a place.
type Query struct {
	At           orb.Point // must be finite
	K            int       // how many at most
	MaxDistanceM float64   // how far at most, inclusive; 0 for any distance
	// Keep, if not nil, tells whether a point, by its index, may be in the answer. It is asked only
	// about points that would be.
	Keep func(index int) bool
}

// Found is a point in an answer.
type Found struct {
	Index     int     // of the point as given to New
	DistanceM float64 // true distance, as geo.Distance
}

// Find gives the answer to q, nearest first, equally near ones by index.
func (x *Index) Find(q Query) []Found {
	return x.AppendFind(nil, q)
}

// AppendFind appends the answer to q to found. It allocates nothing if found has room for q.K more.
func (x *Index) AppendFind(found []Found, q Query) []Found {
	if math.IsNaN(q.At[0] + q.At[1] + q.MaxDistanceM) {
		return found
	}
	k := min(q.K, len(x.places))
	if k <= 0 {
		return found
	}
	at := geo.ToECEF(q.At)
	s := search{
		index: x, at: [3]float64{at.X, at.Y, at.Z}, keep: q.Keep, k: k,
		worst: candidate{math.Inf(1), math.MaxInt},
		best:  slices.Grow(found, k)[len(found):],
	}
	if q.MaxDistanceM != 0 {
		s.worst.squaredChord = geo.SquaredChordOf(q.MaxDistanceM)
	}
	s.visit(0, len(x.places))
	s.sort()
	return append(found, s.best...)
}

func (x *Index) build(from, to int) {
	if to-from <= leafSize {
		return
	}
	middle := (from + to) / 2
	axis := widestAxis(x.places[from:to])
	selectMiddle(x.places[from:to], middle-from, axis)
	x.axes[middle] = uint8(axis)
	x.build(from, middle)
	x.build(middle+1, to)
}

func widestAxis(places []place) int {
	low, high := places[0].at, places[0].at
	for i := range places {
		for axis, value := range places[i].at {
			low[axis], high[axis] = min(low[axis], value), max(high[axis], value)
		}
	}
	widest := 0
	for axis := range low {
		if high[axis]-low[axis] > high[widest]-low[widest] {
			widest = axis
		}
	}
	return widest
}

// selectMiddle moves the place of rank n on the axis to position n, lesser ones before it and greater
// ones after it (Hoare's selection).
func selectMiddle(places []place, n, axis int) {
	for low, high := 0, len(places)-1; low < high; {
		pivot := places[(low+high)/2].at[axis]
		i, j := low, high
		for i <= j {
			for places[i].at[axis] < pivot {
				i++
			}
			for places[j].at[axis] > pivot {
				j--
			}
			if i <= j {
				places[i], places[j] = places[j], places[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			high = j
		case n >= i:
			low = i
		default:
			return
		}
	}
}
