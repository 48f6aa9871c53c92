package tiles

import (
	"math"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/tiles/basemap"
	"github.com/yizhan/yizhan/tiles/world"
)

// TileJSON is a TileJSON 3.0 document.
type TileJSON struct {
	TileJSON     string        `json:"tilejson"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Version      string        `json:"version"`
	Attribution  string        `json:"attribution"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      uint32        `json:"minzoom"`
	MaxZoom      uint32        `json:"maxzoom"`
	Bounds       [4]float64    `json:"bounds"`
	Center       [3]float64    `json:"center"`
	VectorLayers []VectorLayer `json:"vector_layers"`
}

// VectorLayer describes an MVT layer.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     uint32            `json:"minzoom"`
	MaxZoom     uint32            `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// maxZoom is where clients go on by enlarging: a grid step is 20 cm here, and a micro-grid of 100 m has
// 500 of them.
const maxZoom = 15

const (
	text   = "String"
	number = "Number"
	truth  = "Boolean"
)

// vectorLayers says what is in each tile set, as the draw methods make it.
var vectorLayers = map[string][]VectorLayer{
	Base: {
		{"land", "The city", 0, maxZoom, map[string]string{}},
		{"urban_areas", "Built-up areas", 0, maxZoom, map[string]string{}},
		{"lakes", "Lakes", 0, maxZoom, map[string]string{"name": text, "name_en": text}},
		{"rivers", "Rivers", 0, maxZoom, map[string]string{"name": text, "name_en": text}},
		{"railways", "Railways", 0, maxZoom, map[string]string{}},
		{"roads", "Roads", 0, maxZoom, map[string]string{"class": "highway, road or other"}},
		{"province_lines", "Province borders away from the city's own", 0, maxZoom, map[string]string{}},
		{"country_lines", "Country borders away from the city's own", 0, maxZoom, map[string]string{}},
		{"places", "Towns", 0, maxZoom, map[string]string{"name": text, "name_en": text, "rank": number}},
	},
	Units: {
		{"units", "Banners, from zoom 8 townships, from zoom 10 communities; those of the lowest level at a zoom with sums over what is below them", 0, maxZoom, map[string]string{
			"code": text, "level": "banner, township or community", "name": text, "name_en": text,
			"households": number, "micro_grids": number, "stations": number}},
		{"unit_lines", "Borders, each once, by the highest level that they bound", 0, maxZoom, map[string]string{
			"level": "city, banner, township or community"}},
		{"unit_labels", "Places for names: seats, or well inside", 0, maxZoom, map[string]string{
			"code": text, "level": "city, banner, township or community", "name": text, "name_en": text}},
	},
	MicroGrids: {
		{"micro_grids", "Micro-grids. Below zoom 11 those too small to be seen are merged into a unit: the features of " +
			"each zoom are a partition of the city and their sums are exact. A feature that reaches into several " +
			"tiles has the same id in each: count it once", 0, maxZoom, map[string]string{
			"code": "String, of the micro-grid or the unit", "name": text, "name_en": "String, of a unit only",
			"community": "String, of a micro-grid only", "zone": "core or hinterland, of a micro-grid only",
			"merged":      "community, township, banner or city that stands for its micro-grids; absent for a micro-grid",
			"micro_grids": "Number of micro-grids merged; absent for a micro-grid, which counts 1",
			"households":  number}},
	},
	Stations: {
		{"friendly_scenes", "Friendly scenes", sceneZoom, maxZoom, map[string]string{"code": text, "name": text, "kind": text}},
		{"stations", "Stations. Below zoom 10 those of one township, below zoom 7 those of one banner, are one point; " +
			"none is left out", 0, maxZoom, map[string]string{
			"code": "String, of the station or the unit", "name": text, "name_en": "String, of a unit only",
			"kind": text, "sponsor": text, "status": text, "always_open": truth,
			"merged":   "community, township, banner or city that stands for its stations; absent for a station",
			"stations": "Number of stations merged; absent for a station, which counts 1"}},
	},
	Coverage: {
		{"coverage", "Populated H3 cells and how many of their households are in reach, or of what the parameter weight counts: households is that then", 0, maxZoom, map[string]string{
			"cell": text, "households": number, "covered": number, "share": "Number from 0 to 1; none without households",
			"possible": "Number of households covered if all that is not known turns out well"}},
	},
	Gaps: {
		{"gaps", "Connected populated H3 cells without coverage; households is what the parameter weight counts. Below zoom 11 those smaller than about two pixels are left out", 0, maxZoom, map[string]string{
			"gap": "String, the id", "households": number, "cells": number,
			"reason": "none_in_reach, hours_unknown, closed_then, unheated or service_missing, for most of the households"}},
	},
}

var names = map[string]string{
	Base: "底图 Base map", Units: "行政单元 Units", MicroGrids: "微网格 Micro-grids",
	Stations: "驿站 Stations", Coverage: "覆盖 Coverage", Gaps: "盲区 Gaps",
}

// cityAttribution is what the boundaries, names and figures of a city are owed.
const cityAttribution = "Boundaries: cnmaps-adm-data (MIT), derived from AMap; " +
	"Contains data from GeoNames (geonames.org), CC BY 4.0; filtered; " +
	"National Bureau of Statistics of China, via modood/Administrative-divisions-of-China"

// TileJSON describes a composite of tile sets, whose tiles are below baseURL + "/api/tiles/".
func (p *Pyramid) TileJSON(layers []string, baseURL string) (TileJSON, error) {
	canonical, err := p.canonical(layers)
	if err != nil {
		return TileJSON{}, err
	}
	now := p.current.Load()
	if now.units == nil {
		return TileJSON{}, yizhan.Errorf(yizhan.CodeUnavailable, "", "the tiles are still being prepared")
	}
	doc := TileJSON{
		TileJSON: "3.0.0", Version: "1.0.0", Scheme: "xyz",
		Tiles:   []string{strings.TrimSuffix(baseURL, "/") + "/api/tiles/" + canonical + "/{z}/{x}/{y}"},
		MinZoom: world.MaxZoom, MaxZoom: maxZoom,
	}
	var title, credits []string
	bounds := world.EmptyRect()
	for _, layer := range strings.Split(canonical, ",") {
		title = append(title, names[layer])
		for _, v := range vectorLayers[layer] {
			doc.VectorLayers = append(doc.VectorLayers, v)
			doc.MinZoom = min(doc.MinZoom, v.MinZoom)
		}
		if layer == Base {
			bounds = bounds.Union(now.base.static.bounds)
			credits = append(credits, basemap.Attribution)
		}
		bounds = bounds.Union(now.forms.bounds)
	}
	credits = append(credits, cityAttribution)
	doc.Name = strings.Join(title, ", ")
	doc.Description = doc.Name + " as vector tiles"
	doc.Attribution = strings.Join(credits, "; ")
	doc.setExtent(bounds, now.forms.bounds)
	return doc, nil
}

// setExtent fills bounds, and a centre from which the city fits a screen.
func (t *TileJSON) setExtent(bounds, city world.Rect) {
	if city.Empty() {
		city = world.Rect{MaxX: 1 << world.Bits, MaxY: 1 << world.Bits}
	}
	if bounds.Empty() {
		bounds = city
	}
	t.Bounds = bounds.BBox()
	widest := float64(max(city.MaxX-city.MinX, city.MaxY-city.MinY, 1))
	zoom := math.Floor(world.Bits - math.Log2(widest))
	middle := world.Unproject(float64(city.MinX+city.MaxX)/2, float64(city.MinY+city.MaxY)/2)
	t.Center = [3]float64{round6(middle[0]), round6(middle[1]), max(float64(t.MinZoom), min(float64(t.MaxZoom), zoom))}
	for i, degrees := range t.Bounds {
		t.Bounds[i] = round6(degrees)
	}
}

func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }
