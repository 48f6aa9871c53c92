package benchcity

import (
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// copied is a city as lists.
type copied struct {
	units    []*yizhan.Unit
	grids    []*yizhan.MicroGrid
	stations []*yizhan.Station
	scenes   []*yizhan.FriendlyScene
}

func listed(city *yizhan.City) *copied {
	return &copied{
		units: yizhan.Sorted(city.Units), grids: yizhan.Sorted(city.MicroGrids),
		stations: yizhan.Sorted(city.Stations), scenes: yizhan.Sorted(city.Scenes),
	}
}

func (c *copied) copy(m mover) *copied {
	next := &copied{}
	for _, unit := range c.units {
		u := *unit
		u.Code, u.Parent, u.Seat = m.code(u.Code), m.code(u.Parent), m.pointer(u.Seat)
		u.Boundary = newShapes(m, u.Boundary).move(u.Boundary)
		next.units = append(next.units, &u)
	}
	next.grids = c.copyGrids(m)
	for _, station := range c.stations {
		s := *station
		s.Code, s.Community, s.MicroGrid = m.code(s.Code), m.code(s.Community), m.code(s.MicroGrid)
		s.Location, s.Entrance = m.point(s.Location), m.pointer(s.Entrance)
		next.stations = append(next.stations, &s)
	}
	for _, scene := range c.scenes {
		s := *scene
		s.Code, s.MicroGrids, s.Stations = m.code(s.Code), m.codes(s.MicroGrids), m.codes(s.Stations)
		s.Boundary = newShapes(m, s.Boundary).move(s.Boundary)
		next.scenes = append(next.scenes, &s)
	}
	return next
}

func (m mover) codes(codes []string) []string {
	next := make([]string, len(codes))
	for i, code := range codes {
		next[i] = m.code(code)
	}
	return next
}

// copyGrids takes the memory of all micro-grids of a copy in a few pieces: millions of small ones would
// take half as much again and keep the collector busy.
func (c *copied) copyGrids(m mover) []*yizhan.MicroGrid {
	boundaries := make([]orb.MultiPolygon, len(c.grids))
	for i, grid := range c.grids {
		boundaries[i] = grid.Boundary
	}
	shapes := newShapes(m, boundaries...)
	room := make([]yizhan.MicroGrid, len(c.grids))
	grids := make([]*yizhan.MicroGrid, len(c.grids))
	for i, grid := range c.grids {
		room[i] = *grid
		g := &room[i]
		g.Code = m.code(g.Code)
		g.Community = g.Code[:len(grid.Community)] // as the rules have it, and without memory of its own
		g.Boundary = shapes.move(g.Boundary)
		grids[i] = g
	}
	return grids
}

// shapes has room for the moved copies of some shapes.
type shapes struct {
	mover
	points   []orb.Point
	rings    []orb.Ring
	polygons []orb.Polygon
}

func newShapes(m mover, boundaries ...orb.MultiPolygon) *shapes {
	var points, rings, polygons int
	for _, boundary := range boundaries {
		polygons += len(boundary)
		for _, polygon := range boundary {
			rings += len(polygon)
			for _, ring := range polygon {
				points += len(ring)
			}
		}
	}
	return &shapes{m, make([]orb.Point, 0, points), make([]orb.Ring, 0, rings), make([]orb.Polygon, 0, polygons)}
}

func (s *shapes) move(boundary orb.MultiPolygon) orb.MultiPolygon {
	if boundary == nil {
		return nil
	}
	firstPolygon := len(s.polygons)
	for _, polygon := range boundary {
		firstRing := len(s.rings)
		for _, ring := range polygon {
			firstPoint := len(s.points)
			for _, p := range ring {
				s.points = append(s.points, s.point(p))
			}
			s.rings = append(s.rings, s.points[firstPoint:len(s.points):len(s.points)])
		}
		s.polygons = append(s.polygons, s.rings[firstRing:len(s.rings):len(s.rings)])
	}
	return orb.MultiPolygon(s.polygons[firstPolygon:len(s.polygons):len(s.polygons)])
}

func merge(seq int64, copies []*copied) *yizhan.City {
	one := copies[0]
	city := &yizhan.City{
		Seq: seq, Units: make(map[string]*yizhan.Unit, len(copies)*len(one.units)),
		MicroGrids: make(map[string]*yizhan.MicroGrid, len(copies)*len(one.grids)),
		Stations:   make(map[string]*yizhan.Station, len(copies)*len(one.stations)),
		Scenes:     make(map[string]*yizhan.FriendlyScene, len(copies)*len(one.scenes)),
	}
	for _, c := range copies {
		put(city.Units, c.units)
		put(city.MicroGrids, c.grids)
		put(city.Stations, c.stations)
		put(city.Scenes, c.scenes)
	}
	return city
}

func put[F yizhan.Feature](into map[string]F, features []F) {
	for _, f := range features {
		into[f.Ref().Code] = f
	}
}
