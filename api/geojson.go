package api

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// appendFeature writes a feature as GeoJSON (RFC 7946). With skipGeometry its geometry is null.
func appendFeature(dst []byte, feature yizhan.Feature, skipGeometry bool) ([]byte, error) {
	o := object{buf: dst}
	o.open()
	o.text("type", "Feature")
	o.text("id", feature.Ref().Code)
	o.name("geometry")
	shape, err := geometryOf(feature)
	if err != nil {
		return dst, err
	}
	if skipGeometry {
		shape = nil
	}
	o.buf = appendGeometry(o.buf, shape)
	o.name("properties")
	o.open()
	writeProperties(&o, feature)
	o.close()
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
	o.name("services")
	o.buf = append(o.buf, '[')
	for i, have := range s.Services {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		o.open()
		o.text("service", string(have.Service))
		o.text("condition", string(have.Condition))
		o.instant("confirmed_at", have.ConfirmedAt)
		o.close()
	}
	o.buf = append(o.buf, ']')
	o.instant("confirmed_at", s.ConfirmedAt)
	o.position("entrance", s.Entrance)
	o.boolean("approximate", s.Approximate)
	o.boolean("synthetic", s.Synthetic)
	o.integer("version", s.Version)
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

// appendGeometry writes a Point or, also for a single polygon, a MultiPolygon, so that a collection has one
// type of geometry; null for none.
func appendGeometry(dst []byte, shape orb.Geometry) []byte {
	switch g := shape.(type) {
	case orb.Point:
		dst = append(dst, `{"type":"Point","coordinates":`...)
		dst = appendPosition(dst, g)
		return append(dst, '}')
	case orb.MultiPolygon:
		if len(g) > 0 {
			return appendMultiPolygon(dst, g)
		}
	}
	return append(dst, "null"...)
}

func appendMultiPolygon(dst []byte, shape orb.MultiPolygon) []byte {
	dst = append(dst, `{"type":"MultiPolygon","coordinates":[`...)
	for i, polygon := range shape {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPolygon(dst, polygon)
	}
	return append(dst, ']', '}')
}

func appendPolygon(dst []byte, polygon orb.Polygon) []byte {
	dst = append(dst, '[')
	for i, ring := range polygon {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRing(dst, ring, i == 0)
	}
	return append(dst, ']')
}

// appendRing writes a ring wound as RFC 7946 wants it: counterclockwise outside, clockwise for holes.
func appendRing(dst []byte, ring orb.Ring, outer bool) []byte {
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
		dst = appendPosition(dst, p)
	}
	return append(dst, ']')
}
