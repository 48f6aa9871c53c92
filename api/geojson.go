package api

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// form is how features are written.
type form struct {
	crs          *crs
	skipGeometry bool            // the geometry is null
	only         map[string]bool // the properties wanted; nil for all
	links        []Link          // of a feature that is the whole answer
}

// appendFeature writes a feature as GeoJSON (RFC 7946, but for the system where another was asked for).
func appendFeature(dst []byte, feature yizhan.Feature, form form) ([]byte, error) {
	o := object{buf: dst}
	o.open()
	o.text("type", "Feature")
	o.text("id", feature.Ref().Code)
	o.name("geometry")
	shape, err := geometryOf(feature)
	if err != nil {
		return dst, err
	}
	if form.skipGeometry {
		shape = nil
	}
	o.buf = appendGeometryIn(o.buf, shape, form.crs)
	o.name("properties")
	o.open()
	o.only = form.only
	writeProperties(&o, feature)
	o.only = nil
	o.close()
	if form.links != nil {
		o.name("links")
		o.buf = appendLinks(o.buf, form.links)
	}
	o.close()
	return o.buf, nil
}

// sizeOf is about how many bytes a page takes, rather more than less, so that its buffer need not grow.
func sizeOf(page yizhan.Page, skipGeometry bool) int {
	const aFeature, aVertex = 420, 25
	size := 2048
	for _, feature := range page.Features {
		size += aFeature
		if station, ok := feature.(*yizhan.Station); ok {
			size += len(station.Address) + 90*len(station.Services) + 2*len(station.Name)
		}
		if shape, err := geometryOf(feature); err == nil && !skipGeometry {
			size += aVertex * vertices(shape)
		}
	}
	return size
}

func vertices(shape orb.Geometry) int {
	area, _ := shape.(orb.MultiPolygon)
	n := 2
	for _, polygon := range area {
		for _, ring := range polygon {
			n += len(ring) + 1
		}
	}
	return n
}

// geometryOf refuses what is not public: the compiler cannot, because a Feature may be a *Leader.
func geometryOf(feature yizhan.Feature) (orb.Geometry, error) {
	switch f := feature.(type) {
	case *yizhan.Unit:
		return f.Boundary, nil
	case *yizhan.Station:
		return f.Location, nil
	case *yizhan.FriendlyScene:
		return f.Boundary, nil
	case *yizhan.MicroGrid:
		return f.Boundary, nil
	}
	return nil, fmt.Errorf("a %T is not public", feature)
}

func writeProperties(o *object, feature yizhan.Feature) {
	switch f := feature.(type) {
	case *yizhan.Unit:
		writeUnit(o, f)
	case *yizhan.Station:
		writeStation(o, f)
	case *yizhan.FriendlyScene:
		writeScene(o, f)
	case *yizhan.MicroGrid:
		writeMicroGrid(o, f)
	}
}

func writeUnit(o *object, u *yizhan.Unit) {
	o.text("code", u.Code)
	o.text("level", string(u.Level))
	o.text("parent", u.Parent)
	o.text("name", u.Name)
	o.text("name_en", u.NameEn)
	o.text("type", u.Type)
	o.position("seat", u.Seat)
	o.boolean("synthetic", u.Synthetic)
	o.integer("version", u.Version)
}

func writeStation(o *object, s *yizhan.Station) {
	o.text("code", s.Code)
	o.text("name", s.Name)
	o.text("kind", string(s.Kind))
	o.text("sponsor", string(s.Sponsor))
	o.text("address", s.Address)
	o.integer("capacity", int64(s.Capacity))
	o.text("opening_hours", s.Hours.String())
	o.text("status", string(s.Status))
	o.text("community", s.Community)
	o.text("micro_grid", s.MicroGrid)
	if o.wants("services") {
		writeServices(o, s.Services)
	}
	o.instant("confirmed_at", s.ConfirmedAt)
	o.position("entrance", s.Entrance)
	o.boolean("approximate", s.Approximate)
	o.boolean("synthetic", s.Synthetic)
	o.integer("version", s.Version)
}

func writeServices(o *object, services []yizhan.StationService) {
	o.name("services")
	inner := object{buf: append(o.buf, '[')}
	for i, have := range services {
		if i > 0 {
			inner.buf = append(inner.buf, ',')
		}
		inner.open()
		inner.text("service", string(have.Service))
		inner.text("condition", string(have.Condition))
		inner.instant("confirmed_at", have.ConfirmedAt)
		inner.close()
	}
	o.buf = append(inner.buf, ']')
}

func writeScene(o *object, s *yizhan.FriendlyScene) {
	o.text("code", s.Code)
	o.text("name", s.Name)
	o.text("kind", string(s.Kind))
	o.texts("micro_grids", s.MicroGrids)
	o.texts("stations", s.Stations)
	o.boolean("synthetic", s.Synthetic)
	o.integer("version", s.Version)
}

func writeMicroGrid(o *object, g *yizhan.MicroGrid) {
	o.text("code", g.Code)
	o.text("community", g.Community)
	o.text("name", g.Name)
	o.integer("households", int64(g.Households))
	o.text("zone", string(g.Zone))
	o.text("status", string(g.Status))
	o.boolean("synthetic", g.Synthetic)
	o.integer("version", g.Version)
}

// appendGeometry writes a geometry in lng, lat.
func appendGeometry(dst []byte, shape orb.Geometry) []byte { return appendGeometryIn(dst, shape, nil) }

// appendGeometryIn writes a Point or, also for a single polygon, a MultiPolygon, so that a collection has one
// type of geometry; null for none.
func appendGeometryIn(dst []byte, shape orb.Geometry, system *crs) []byte {
	position := appendPosition
	if system != nil {
		position = system.write
	}
	switch g := shape.(type) {
	case orb.Point:
		dst = append(dst, `{"type":"Point","coordinates":`...)
		dst = position(dst, g)
		return append(dst, '}')
	case orb.MultiPolygon:
		if len(g) > 0 {
			dst = append(dst, `{"type":"MultiPolygon","coordinates":`...)
			dst = appendArray(dst, g, func(dst []byte, polygon orb.Polygon) []byte { return appendPolygon(dst, polygon, position) })
			return append(dst, '}')
		}
	}
	return append(dst, "null"...)
}

type positionWriter func(dst []byte, p orb.Point) []byte

func appendPolygon(dst []byte, polygon orb.Polygon, position positionWriter) []byte {
	dst = append(dst, '[')
	for i, ring := range polygon {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRing(dst, ring, i == 0, position)
	}
	return append(dst, ']')
}

// appendRing writes a ring wound as RFC 7946 wants it: counterclockwise outside, clockwise for holes.
func appendRing(dst []byte, ring orb.Ring, outer bool, position positionWriter) []byte {
	reversed := (ring.Orientation() == orb.CCW) != outer
	dst = append(dst, '[')
	for i := range ring {
		if i > 0 {
			dst = append(dst, ',')
		}
		p := ring[i]
		if reversed {
			p = ring[len(ring)-1-i]
		}
		dst = position(dst, p)
	}
	return append(dst, ']')
}

func appendArray[E any](dst []byte, list []E, item func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, e)
	}
	return append(dst, ']')
}
