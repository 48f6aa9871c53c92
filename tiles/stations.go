package tiles

import (
	"fmt"
	"maps"
	"slices"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// sceneZoom is where the outlines of friendly scenes begin.
const sceneZoom = 10

// stationZoom is where every station is drawn by itself. Below it those of one township, and below
// stationBannerZoom those of one banner, are one point with their number.
const (
	stationZoom       = 10
	stationBannerZoom = 7
)

// stationBands are the ranges of zooms below stationZoom, each with the level that stations are merged to.
var stationBands = []struct {
	span
	level yizhan.Level
}{
	{span{0, stationBannerZoom}, yizhan.LevelBanner},
	{span{stationBannerZoom, stationZoom}, yizhan.LevelTownship},
}

// stationLayer is what stations tiles are made of.
type stationLayer struct {
	spots  *collection[*spot]
	scenes *collection[*area]
}

func newStationLayer(g ground, grids *gridLayer) *stationLayer {
	return &stationLayer{newCollection(stationSpots(g)), newCollection(sceneAreas(g.city, grids))}
}

// update makes the layer of a later city. Stations and scenes are few: they are all looked at.
func (l *stationLayer) update(g ground, grids *gridLayer, touched touchedAreas) *stationLayer {
	spots, areas := l.spots.with(withGone(l.spots.byCode, stationSpots(g)))
	touched.add(Stations, 0, world.MaxZoom, areas)
	scenes, areas := l.scenes.with(withGone(l.scenes.byCode, sceneAreas(g.city, grids)))
	touched.add(Stations, sceneZoom, world.MaxZoom, areas)
	return &stationLayer{spots, scenes}
}

// stationSpots gives the stations by code, and under a name no station has the points that stand for
// several.
func stationSpots(g ground) map[string]*spot {
	spots := make(map[string]*spot, len(g.city.Stations))
	for code, station := range g.city.Stations {
		spots[code] = &spot{at: world.Project(station.Location), maxZoom: world.MaxZoom, properties: []mvt.Property{
			{Key: "code", Value: mvt.String(code)},
			{Key: "name", Value: mvt.String(station.Name)},
			{Key: "kind", Value: mvt.String(string(station.Kind))},
			{Key: "sponsor", Value: mvt.String(string(station.Sponsor))},
			{Key: "status", Value: mvt.String(string(station.Status))},
			{Key: "always_open", Value: mvt.Bool(station.Hours.String() == "24/7")},
		}}
	}
	for name, merged := range mergedSpots(g, spots) {
		spots[name] = merged
	}
	names := slices.Sorted(maps.Keys(spots))
	for name, id := range distinctIDs(names) {
		spots[name].id = id
	}
	return spots
}

// mergedSpots makes the points that stand for the stations of a unit, and has those begin later which
// they stand for. A station alone in its unit stands for itself.
func mergedSpots(g ground, spots map[string]*spot) map[string]*spot {
	merged := map[string]*spot{}
	for _, band := range stationBands {
		members := map[string][]string{}
		for code, station := range g.city.Stations {
			if unit := unitFor(g.city.Units, station.Community, band.level); unit != "" {
				members[unit] = append(members[unit], code)
			}
		}
		for code, stations := range members {
			if len(stations) < 2 {
				continue
			}
			unit := g.city.Units[code]
			merged[fmt.Sprintf("merged/%s/%s", band.level, code)] = &spot{
				at: middleOf(spots, stations), minZoom: band.from, maxZoom: band.to - 1, properties: []mvt.Property{
					{Key: "code", Value: mvt.String(code)},
					{Key: "name", Value: mvt.String(unit.Name)},
					{Key: "name_en", Value: mvt.String(unit.NameEn)},
					{Key: "merged", Value: mvt.String(string(unit.Level))},
					{Key: "stations", Value: mvt.Int(len(stations))},
				}}
			for _, station := range stations {
				spots[station].minZoom = band.to
			}
		}
	}
	return merged
}

// unitFor is the unit of a level, or else the next one above it, that a community belongs to; empty if
// there is none.
func unitFor(units map[string]*yizhan.Unit, community string, level yizhan.Level) (found string) {
	levels := yizhan.Levels()
	most := slices.Index(levels, level)
	eachAbove(units, community, func(unit *yizhan.Unit) bool {
		if slices.Index(levels, unit.Level) <= most {
			found = unit.Code
		}
		return found == ""
	})
	return found
}

// middleOf is the middle of some places.
func middleOf(spots map[string]*spot, codes []string) world.Point {
	var x, y uint64
	for _, code := range codes {
		x += uint64(spots[code].at.X)
		y += uint64(spots[code].at.Y)
	}
	n := uint64(len(codes))
	return world.Point{X: uint32(x / n), Y: uint32(y / n)}
}

// sceneAreas outlines each scene as the union of its micro-grids, along the very same borders.
func sceneAreas(city *yizhan.City, grids *gridLayer) map[string]*area {
	scenes := yizhan.Sorted(city.Scenes)
	codes := make([]string, len(scenes))
	for i, scene := range scenes {
		codes[i] = scene.Code
	}
	ids := distinctIDs(codes)
	areas := make(map[string]*area, len(scenes))
	for _, scene := range scenes {
		var parts []mesh.Shape
		for _, code := range scene.MicroGrids {
			if grid := grids.areas.byCode.get(code); grid != nil {
				parts = append(parts, grid.shape)
			}
		}
		outline := mesh.Union(parts)
		if len(outline.Rings) == 0 {
			continue
		}
		areas[scene.Code] = &area{id: ids[scene.Code], shape: outline, properties: []mvt.Property{
			{Key: "code", Value: mvt.String(scene.Code)},
			{Key: "name", Value: mvt.String(scene.Name)},
			{Key: "kind", Value: mvt.String(string(scene.Kind))},
		}}
	}
	return areas
}

func (l *stationLayer) draw(d *drawing) {
	if d.tile.Z >= sceneZoom {
		d.areas("friendly_scenes", l.scenes.near(d))
	}
	d.spots("stations", l.spots.near(d))
}
