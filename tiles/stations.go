package tiles

import (
	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// sceneZoom is where the outlines of friendly scenes begin.
const sceneZoom = 10

// stationLayer is what stations tiles are made of.
type stationLayer struct {
	spots  *collection[*spot]
	scenes *collection[*area]
}

func newStationLayer(city *yizhan.City, grids *gridLayer) *stationLayer {
	return &stationLayer{newCollection(stationSpots(city)), newCollection(sceneAreas(city, grids))}
}

// update makes the layer of a later city. Stations and scenes are few: they are all looked at.
func (l *stationLayer) update(city *yizhan.City, grids *gridLayer) (*stationLayer, []world.Rect) {
	spots, touched := l.spots.with(withGone(l.spots.byCode, stationSpots(city)))
	scenes, more := l.scenes.with(withGone(l.scenes.byCode, sceneAreas(city, grids)))
	return &stationLayer{spots, scenes}, append(touched, more...)
}

func stationSpots(city *yizhan.City) map[string]*spot {
	stations := yizhan.Sorted(city.Stations)
	codes := make([]string, len(stations))
	for i, station := range stations {
		codes[i] = station.Code
	}
	ids := distinctIDs(codes)
	spots := make(map[string]*spot, len(stations))
	for _, station := range stations {
		spots[station.Code] = &spot{id: ids[station.Code], at: world.Project(station.Location), properties: []mvt.Property{
			{Key: "code", Value: mvt.String(station.Code)},
			{Key: "name", Value: mvt.String(station.Name)},
			{Key: "kind", Value: mvt.String(string(station.Kind))},
			{Key: "sponsor", Value: mvt.String(string(station.Sponsor))},
			{Key: "status", Value: mvt.String(string(station.Status))},
			{Key: "always_open", Value: mvt.Bool(station.Hours.String() == "24/7")},
		}}
	}
	return spots
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
			if grid := grids.areas.byCode[code]; grid != nil {
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
