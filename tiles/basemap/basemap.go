// Package basemap is the offline base map: roads, railways, rivers, lakes, towns and borders around the
// city from Natural Earth, embedded. README.md says where each file is from. It knows nothing of tiles.
package basemap

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// Attribution is what a map must show that uses this data.
const Attribution = "Made with Natural Earth"

//go:embed *.geojson names_zh.csv
var files embed.FS

// Map is the base map in WGS84.
type Map struct {
	CountryLines, ProvinceLines []Line
	Roads, Railways, Rivers     []Line
	Lakes, UrbanAreas           []Area
	Places                      []Place
}

// Line is a road, a railway, a river or a border.
type Line struct {
	Class, Name, NameEn string // empty where there is none
	Points              orb.LineString
}

// Area is a lake or a built-up area.
type Area struct {
	Name, NameEn string
	Polygon      orb.MultiPolygon
}

// Place is a town.
type Place struct {
	Name, NameEn string
	Rank         int // Natural Earth's scale rank: the less, the more important
	At           orb.Point
}

// Load reads the embedded files.
func Load() (*Map, error) {
	l := loader{names: map[string]string{}}
	l.readNames()
	m := &Map{}
	l.lines("ne_10m_admin_0_boundary_lines", &m.CountryLines, nil)
	l.lines("ne_10m_admin_lines", &m.ProvinceLines, func(f *geojson.Feature) bool {
		return f.Properties.MustInt("admin_level", 0) == 1
	})
	l.lines("ne_10m_roads", &m.Roads, nil)
	l.lines("ne_10m_railroads", &m.Railways, nil)
	l.lines("ne_10m_rivers", &m.Rivers, nil)
	l.areas("ne_10m_lakes", &m.Lakes)
	l.areas("ne_10m_urban_areas", &m.UrbanAreas)
	l.places("ne_10m_populated_places", &m.Places)
	return m, l.err
}

// loader keeps the first error.
type loader struct {
	names map[string]string // Chinese, by file and Natural Earth's name
	err   error
}

func (l *loader) readNames() {
	file, err := files.Open("names_zh.csv")
	if err != nil {
		l.err = err
		return
	}
	defer func() { l.err = errors.Join(l.err, file.Close()) }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		l.err = fmt.Errorf("names_zh.csv: %w", err)
		return
	}
	for _, row := range rows[1:] {
		l.names["ne_10m_"+row[0]+"/"+row[1]] = row[2]
	}
}

func (l *loader) features(name string) []*geojson.Feature {
	if l.err != nil {
		return nil
	}
	data, err := files.ReadFile(name + ".geojson")
	if err != nil {
		l.err = err
		return nil
	}
	collection, err := geojson.UnmarshalFeatureCollection(data)
	if err != nil {
		l.err = fmt.Errorf("%s: %w", name, err)
		return nil
	}
	return collection.Features
}

func (l *loader) lines(file string, into *[]Line, keep func(*geojson.Feature) bool) {
	for i, f := range l.features(file) {
		points, ok := f.Geometry.(orb.LineString)
		if !ok {
			l.err = fmt.Errorf("%s: feature %d is a %s", file, i, f.Geometry.GeoJSONType())
			return
		}
		if keep != nil && !keep(f) {
			continue
		}
		line := Line{Class: roadClasses[text(f, "type")], Points: points}
		line.Name, line.NameEn = l.localName(file, f)
		*into = append(*into, line)
	}
}

// roadClasses makes Natural Earth's road types words of ours; it does not know the type of most.
var roadClasses = map[string]string{"Major Highway": "highway", "Road": "road", "Unknown": "other"}

func (l *loader) areas(file string, into *[]Area) {
	for i, f := range l.features(file) {
		var area Area
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			area.Polygon = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			area.Polygon = g
		default:
			l.err = fmt.Errorf("%s: feature %d is a %s", file, i, f.Geometry.GeoJSONType())
			return
		}
		area.Name, area.NameEn = l.localName(file, f)
		*into = append(*into, area)
	}
}

func (l *loader) places(file string, into *[]Place) {
	for i, f := range l.features(file) {
		at, ok := f.Geometry.(orb.Point)
		if !ok {
			l.err = fmt.Errorf("%s: feature %d is a %s", file, i, f.Geometry.GeoJSONType())
			return
		}
		place := Place{Rank: f.Properties.MustInt("scalerank", 10), At: at}
		place.Name, place.NameEn = l.localName(file, f)
		*into = append(*into, place)
	}
}

// localName gives the Chinese name, or the other one where there is none.
func (l *loader) localName(file string, f *geojson.Feature) (name, nameEn string) {
	name = text(f, "name")
	nameEn = text(f, "nameascii")
	if nameEn == "" {
		nameEn = name
	}
	if ours, ok := l.names[file+"/"+name]; ok {
		return ours, nameEn
	}
	if zh := text(f, "name_zh"); zh != "" {
		return zh, nameEn
	}
	return name, nameEn
}

// text gives a text property; Natural Earth writes null for none.
func text(f *geojson.Feature, key string) string {
	s, _ := f.Properties[key].(string)
	return s
}
