// Package demo makes the demo city: Hulunbuir with its real units, banner borders, census figures and the
// few stations that are publicly known, and with generated communities' territories, micro-grids, leaders,
// stations and friendly scenes. It is the same to the last byte each time and on every machine: all that looks
// random comes from SHA-256, and nothing depends on a clock, on the order of a map or on fused arithmetic.
//
// The whole city is one planar subdivision (package plane), so that the micro-grids of a community, the
// communities of a township and so on up to the city are exact partitions with identical vertices.
package demo

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/plane"
)

// City is the demo city. Every list is in the order of codes; units come level by level.
type City struct {
	Units      []*yizhan.Unit
	MicroGrids []*yizhan.MicroGrid
	Stations   []*yizhan.Station
	Scenes     []*yizhan.FriendlyScene
	Leaders    []*yizhan.Leader
}

// Generate makes the city. It calls progress, if not nil, as the work goes on.
func Generate(ctx context.Context, progress func(stage string, done, total int)) (*City, error) {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	source, err := readSource()
	if err != nil {
		return nil, fmt.Errorf("demo data: %w", err)
	}
	allocate(source)
	surveys := make([]*survey, len(source.banners))
	for i, b := range source.banners {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		progress("settling communities", i, len(source.banners))
		surveys[i] = settle(b)
	}
	land, err := divideLand(surveys)
	if err != nil {
		return nil, err
	}
	grids, err := land.divideSites(ctx, func(done, total int) { progress("drawing micro-grids", done, total) })
	if err != nil {
		return nil, err
	}
	progress("opening stations", 0, 1)
	return assemble(source, land, grids)
}

// assembly puts the city together.
type assembly struct {
	*land
	source *source
	owned  map[*community][]plane.Face // in the order of their codes
	grids  *gridding
	city   *City

	gridOf map[plane.Face]*yizhan.MicroGrid
}

func assemble(s *source, l *land, g *gridding) (*City, error) {
	a := &assembly{land: l, source: s, owned: g.faces(l.m), grids: g, city: &City{}, gridOf: map[plane.Face]*yizhan.MicroGrid{}}
	a.addMicroGrids()
	a.addUnits()
	a.addLeaders()
	if err := a.addStations(); err != nil {
		return nil, err
	}
	return a.city, a.addScenes()
}

// Changeset proposes the whole city as one change, in an order in which every feature refers to earlier
// ones only.
func (c *City) Changeset() yizhan.Changeset {
	set := yizhan.Changeset{Author: "demo", Reason: "load the demo city of Hulunbuir"}
	for feature := range c.features {
		set.Edits = append(set.Edits, yizhan.CreateOf(feature))
	}
	return set
}

// features goes through all features in referential order.
func (c *City) features(yield func(yizhan.Feature) bool) {
	_ = all(c.Units, yield) && all(c.MicroGrids, yield) && all(c.Stations, yield) && all(c.Scenes, yield) && all(c.Leaders, yield)
}

func all[F yizhan.Feature](features []F, yield func(yizhan.Feature) bool) bool {
	for _, feature := range features {
		if !yield(feature) {
			return false
		}
	}
	return true
}

// shapes outlines sets of faces; of gives the set of each face, negative for none.
func (a *assembly) shapes(sets int, of func(plane.Face) int) []orb.MultiPolygon {
	label := make([]int32, a.m.Faces())
	for f := range label {
		label[f] = int32(of(plane.Face(f)))
	}
	shapes := make([]orb.MultiPolygon, sets)
	for i, polygons := range a.m.Union(label, sets) {
		for _, polygon := range polygons {
			shapes[i] = append(shapes[i], toPolygon(polygon))
		}
	}
	return shapes
}

func toPolygon(rings plane.Polygon) orb.Polygon {
	polygon := make(orb.Polygon, len(rings))
	for i, points := range rings {
		ring := make(orb.Ring, 0, len(points)+1)
		for _, p := range points {
			ring = append(ring, fromLattice(p))
		}
		polygon[i] = append(ring, ring[0])
	}
	return polygon
}
