package views

import (
	"errors"
	"sort"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// Params are what coverage depends on besides the data.
type Params struct {
	RadiusM float64        // true distance, inclusive, from a station to the centre of a cell
	Service yizhan.Service // only stations that offer it count; empty for all
}

// Validate gives an Error that names the parameter at fault, or nil.
func (p Params) Validate() error {
	switch {
	case !(p.RadiusM >= MinRadiusM && p.RadiusM <= MaxRadiusM):
		return yizhan.Invalid("radius_m", "%g is not in %d..%d", p.RadiusM, MinRadiusM, MaxRadiusM)
	case p.Service != "" && !p.Service.Valid():
		return yizhan.Invalid("service", "%q is not a known service", p.Service)
	}
	return nil
}

// Figures answers for one unit, by its code; empty for the city.
func (v *Coverage) Figures(p Params, unit string) (Figures, error) {
	s, result, err := v.result(p)
	if err != nil {
		return Figures{}, err
	}
	at, err := s.find(unit)
	if err != nil {
		return Figures{}, err
	}
	serving := s.serving(p.Service)
	figures := Figures{Seq: s.seq, Resolution: s.demand.Resolution(), UnitFigures: figuresOf(at, result, serving)}
	for _, child := range s.children[at.Code] {
		figures.Children = append(figures.Children, figuresOf(child, result, serving))
	}
	return figures, nil
}

// result gives the snapshot and what it says with the parameters.
func (v *Coverage) result(p Params) (*coverageSnapshot, *coverage.Result, error) {
	if err := p.Validate(); err != nil {
		return nil, nil, err
	}
	s := v.snapshot.Load()
	if s == nil {
		return nil, nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the coverage is still being computed")
	}
	result, err := s.results.get(p, func() (*coverage.Result, error) {
		var points []orb.Point
		for _, station := range s.serving(p.Service) {
			points = append(points, station.Location)
		}
		return s.demand.Cover(points, p.RadiusM)
	})
	return s, result, err
}

func (s *coverageSnapshot) find(code string) (*yizhan.Unit, error) {
	if code != "" {
		if unit := s.units[code]; unit != nil {
			return unit, nil
		}
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no unit %q", code)
	}
	if cities := s.children[""]; len(cities) > 0 {
		return cities[0], nil
	}
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "unit", "there is no city yet")
}

// serving lists the active stations that offer the service, in the order of communities.
func (s *coverageSnapshot) serving(service yizhan.Service) []*yizhan.Station {
	if service == "" {
		return s.stations
	}
	var serving []*yizhan.Station
	for _, station := range s.stations {
		if station.Offers(service) {
			serving = append(serving, station)
		}
	}
	return serving
}

func figuresOf(unit *yizhan.Unit, result *coverage.Result, serving []*yizhan.Station) UnitFigures {
	prefix := unit.Code
	if unit.Level == yizhan.LevelCity {
		prefix = prefix[:4] // the codes of banners differ from the fifth digit on
	}
	f := result.Figures(prefix)
	figures := UnitFigures{
		Unit: unit, Households: f.Households, Covered: f.Covered, CrossCovered: f.CrossCovered, Unmet: f.Unmet(),
		Stations: stationsIn(serving, prefix),
	}
	if share, ok := f.Share(); ok {
		figures.Share = &share
	}
	return figures
}

func stationsIn(stations []*yizhan.Station, prefix string) int {
	from := sort.Search(len(stations), func(i int) bool { return stations[i].Community >= prefix })
	return sort.Search(len(stations)-from, func(i int) bool { return !strings.HasPrefix(stations[from+i].Community, prefix) })
}

// MaxCells bounds an answer.
const MaxCells = 50_000

// Cells gives the cells of an H3 resolution that have households and touch the box, and perhaps some
// just outside it, in the order of their indexes, and the seq that the answer is as of. More than
// MaxCells are CodeTooLarge.
func (v *Coverage) Cells(p Params, bbox orb.Bound, resolution int) ([]Cell, int64, error) {
	s, cells, err := v.cells(p, bbox, resolution)
	if err != nil {
		return nil, 0, err
	}
	list := make([]Cell, len(cells))
	for i, c := range cells {
		list[i] = Cell{Cell: c.Cell, Households: c.Households, Covered: c.Covered, Possible: c.Covered}
	}
	return list, s.seq, nil
}

// OutlinedCells is Cells, with what it takes to draw them.
func (v *Coverage) OutlinedCells(p Params, bbox orb.Bound, resolution int) ([]OutlinedCell, int64, error) {
	s, cells, err := v.cells(p, bbox, resolution)
	if err != nil {
		return nil, 0, err
	}
	outlined := make([]OutlinedCell, len(cells))
	s.demand.Outlines(cells, func(i int, outline orb.Ring) {
		c := cells[i]
		outlined[i] = OutlinedCell{Cell{c.Cell, c.Households, c.Covered, c.Covered}, outline}
	})
	return outlined, s.seq, nil
}

func (v *Coverage) cells(p Params, bbox orb.Bound, resolution int) (*coverageSnapshot, []coverage.CellFigures, error) {
	switch {
	case resolution < CoarsestResolution || resolution > DemandResolution:
		return nil, nil, yizhan.Invalid("resolution", "%d is not in %d..%d", resolution, CoarsestResolution, DemandResolution)
	case !(bbox.Min[0] >= -180 && bbox.Min[0] <= bbox.Max[0] && bbox.Max[0] <= 180 &&
		bbox.Min[1] >= -90 && bbox.Min[1] <= bbox.Max[1] && bbox.Max[1] <= 90):
		return nil, nil, yizhan.Invalid("bbox", "must be west,south,east,north in degrees, west not beyond east")
	}
	s, result, err := v.result(p)
	if err != nil {
		return nil, nil, err
	}
	cells, err := result.Cells(bbox, resolution, MaxCells)
	if errors.Is(err, coverage.ErrTooManyCells) {
		return nil, nil, yizhan.Errorf(yizhan.CodeTooLarge, "bbox",
			"holds more than %d cells; ask for a smaller box or a coarser resolution", MaxCells)
	}
	return s, cells, err
}
