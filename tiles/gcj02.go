package tiles

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/tiles/basemap"
)

// The datums of tiles.
const (
	WGS84 = ""      // what everything else uses
	GCJ02 = "gcj02" // what Chinese base maps use: the same layers, moved by some hundred metres
)

// shifted is the city again in GCJ-02. It is another pyramid over the same features moved vertex by vertex,
// so that shared vertices stay shared, and borders are simplified and made valid in the datum that they are
// drawn in. It is made when somebody first asks for it, for it takes as much memory as the first.
type shifted struct {
	mu        sync.Mutex // held while the pyramid is made or updated
	pyramid   atomic.Pointer[Pyramid]
	city      *yizhan.City
	listeners []func(Touched)
}

// told gives those who want to know of tiles of the second datum as long as there is no pyramid to tell
// them.
func (s *shifted) told() []func(Touched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pyramid.Load() != nil {
		return nil
	}
	return s.listeners
}

// shiftedCacheShare is how much smaller the cache of the second datum is.
const shiftedCacheShare = 4

// inGCJ02 gives the pyramid of the second datum and makes it if need be, which takes a second.
func (p *Pyramid) inGCJ02(ctx context.Context) (*Pyramid, error) {
	if q := p.shifted.pyramid.Load(); q != nil {
		return q, nil
	}
	flight := p.flights.DoChan(GCJ02, func() (any, error) { return p.makeGCJ02() })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-flight:
		q, _ := result.Val.(*Pyramid)
		return q, result.Err
	}
}

func (p *Pyramid) makeGCJ02() (*Pyramid, error) {
	s := &p.shifted
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.pyramid.Load(); q != nil {
		return q, nil
	}
	now := p.current.Load()
	if now.stations == nil {
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the tiles are still being prepared")
	}
	o := Options{CacheBytes: max(1, p.cache.limit/shiftedCacheShare), Logger: p.logger}
	if p.coverage != nil {
		o.Coverage = shiftedCoverage{p.coverage}
	}
	q := NewPyramid(o)
	q.static, q.slots = shiftedBase, p.slots
	s.city = shiftCity(now.city)
	if err := q.Update(s.city, nil); err != nil {
		return nil, err
	}
	for _, tell := range s.listeners {
		q.OnTouched(tell)
	}
	s.pyramid.Store(q)
	return q, nil
}

// updateGCJ02 takes a later state over, if there is a second datum yet.
func (p *Pyramid) updateGCJ02(city *yizhan.City, changes []yizhan.Change) error {
	s := &p.shifted
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.pyramid.Load()
	switch {
	case q == nil:
		return nil
	case changes == nil:
		s.city = shiftCity(city)
		return q.Update(s.city, nil)
	case q.Seq() >= city.Seq: // made from this state
		return nil
	}
	moved := make([]yizhan.Change, len(changes))
	for i, change := range changes {
		change.After = shiftFeature(change.After)
		moved[i] = change
	}
	s.city = s.city.Next(moved)
	return q.Update(s.city, moved)
}

// shiftCity moves every feature.
func shiftCity(city *yizhan.City) *yizhan.City {
	moved := *city
	moved.Units = shiftAll(city.Units)
	moved.Stations = shiftAll(city.Stations)
	moved.MicroGrids = shiftAll(city.MicroGrids)
	return &moved
}

func shiftAll[F yizhan.Feature](features map[string]F) map[string]F {
	moved := maps.Clone(features)
	for code, f := range moved {
		moved[code] = shiftFeature(f).(F)
	}
	return moved
}

// shiftFeature gives a feature moved to GCJ-02; f itself stays as it is.
func shiftFeature(f yizhan.Feature) yizhan.Feature {
	switch f := f.(type) {
	case *yizhan.Unit:
		moved := *f
		moved.Boundary = shiftPolygons(f.Boundary)
		if f.Seat != nil {
			seat := geo.WGS84ToGCJ02(*f.Seat)
			moved.Seat = &seat
		}
		return &moved
	case *yizhan.MicroGrid:
		moved := *f
		moved.Boundary = shiftPolygons(f.Boundary)
		return &moved
	case *yizhan.Station:
		moved := *f
		moved.Location = geo.WGS84ToGCJ02(f.Location)
		return &moved
	}
	return f // a friendly scene is made of micro-grids
}

func shiftPolygons(polygons orb.MultiPolygon) orb.MultiPolygon {
	moved := polygons.Clone()
	for _, polygon := range moved {
		for _, ring := range polygon {
			shiftPoints(ring)
		}
	}
	return moved
}

func shiftPoints(points []orb.Point) {
	for i, p := range points {
		points[i] = geo.WGS84ToGCJ02(p)
	}
}

// shiftedBase is the base map in GCJ-02.
var shiftedBase = sync.OnceValues(func() (*staticBase, error) {
	return loadBaseWith(func(source *basemap.Map) {
		for _, lines := range [][]basemap.Line{source.Roads, source.Railways, source.Rivers, source.CountryLines, source.ProvinceLines} {
			for _, line := range lines {
				shiftPoints(line.Points)
			}
		}
		for _, areas := range [][]basemap.Area{source.Lakes, source.UrbanAreas} {
			for i := range areas {
				areas[i].Polygon = shiftPolygons(areas[i].Polygon)
			}
		}
		for i := range source.Places {
			source.Places[i].At = geo.WGS84ToGCJ02(source.Places[i].At)
		}
	})
})

// shiftedCoverage gives the cells in GCJ-02.
type shiftedCoverage struct{ CoverageSource }

// mostShiftDegrees is more than GCJ-02 moves a point anywhere, in degrees.
const mostShiftDegrees = 0.02

func (s shiftedCoverage) Cells(ctx context.Context, params Params, bbox [4]float64, resolution int) ([]Cell, error) {
	found, err := s.CoverageSource.Cells(ctx, params, shiftedWidely(bbox), resolution)
	if err != nil {
		return nil, err
	}
	cells := make([]Cell, len(found))
	for i, cell := range found {
		cell.Boundary = cell.Boundary.Clone()
		shiftPoints(cell.Boundary)
		cells[i] = cell
	}
	return cells, nil
}

func (s shiftedCoverage) Gaps(ctx context.Context, params Params, bbox [4]float64, minCells int) ([]Gap, error) {
	found, err := s.CoverageSource.Gaps(ctx, params, shiftedWidely(bbox), minCells)
	if err != nil {
		return nil, err
	}
	gaps := make([]Gap, len(found))
	for i, gap := range found {
		gap.Outline = gap.Outline.Clone()
		for _, polygon := range gap.Outline {
			for _, ring := range polygon {
				shiftPoints(ring)
			}
		}
		gaps[i] = gap
	}
	return gaps, nil
}

func (s shiftedCoverage) Touched(ctx context.Context, after, seq int64) ([][4]float64, bool) {
	boxes, known := s.CoverageSource.Touched(ctx, after, seq)
	wide := make([][4]float64, len(boxes))
	for i, box := range boxes {
		wide[i] = shiftedWidely(box)
	}
	return wide, known
}

// shiftedWidely holds wherever the box is in either datum.
func shiftedWidely(bbox [4]float64) [4]float64 {
	return [4]float64{
		max(-180, bbox[0]-mostShiftDegrees), max(-90, bbox[1]-mostShiftDegrees),
		min(180, bbox[2]+mostShiftDegrees), min(90, bbox[3]+mostShiftDegrees),
	}
}

// TileJSONIn is TileJSON for a datum.
func (p *Pyramid) TileJSONIn(ctx context.Context, datum string, layers []string, baseURL string) (TileJSON, error) {
	if datum == WGS84 {
		return p.TileJSON(layers, baseURL)
	}
	if datum != GCJ02 {
		return TileJSON{}, unknownDatum(datum)
	}
	q, err := p.inGCJ02(ctx)
	if err != nil {
		return TileJSON{}, err
	}
	doc, err := q.TileJSON(layers, baseURL)
	if err != nil {
		return TileJSON{}, err
	}
	doc.Name += " (GCJ-02)"
	doc.Description += ", moved to GCJ-02 to lie on Chinese base maps"
	for i := range doc.Tiles {
		doc.Tiles[i] += "?datum=" + GCJ02
	}
	return doc, nil
}

func unknownDatum(datum string) error {
	return yizhan.Errorf(yizhan.CodeNotFound, "datum", "there are no tiles in %q; there is %q", datum, GCJ02)
}

// OnTouchedGCJ02 is OnTouched for the tiles in GCJ-02. As long as this process has made none of them, the
// layers that an update touches are told as changed anywhere: somebody may have tiles of another process.
func (p *Pyramid) OnTouchedGCJ02(tell func(Touched)) {
	s := &p.shifted
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, tell)
	if q := s.pyramid.Load(); q != nil {
		q.OnTouched(tell)
	}
}
