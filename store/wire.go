package store

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"github.com/yizhan/yizhan"
)

// The one place where orb meets go-geom: geometry as the EWKB that PostGIS speaks.

const srid = 4326

// encodePoint gives the EWKB of a point, snapped; nil for nil.
func encodePoint(p *orb.Point) ([]byte, error) {
	if p == nil {
		return nil, nil
	}
	snapped := yizhan.SnapPoint(*p)
	return ewkb.Marshal(geom.NewPointFlat(geom.XY, snapped[:]).SetSRID(srid), ewkb.NDR)
}

// decodePoint reverses encodePoint.
func decodePoint(data []byte) (*orb.Point, error) {
	if data == nil {
		return nil, nil
	}
	read, err := ewkb.Unmarshal(data)
	if err != nil {
		return nil, fmt.Errorf("read a point: %w", err)
	}
	point, ok := read.(*geom.Point)
	if !ok || point.Empty() {
		return nil, fmt.Errorf("read a point: found %T", read)
	}
	return &orb.Point{point.X(), point.Y()}, nil
}

// encodeShape gives the EWKB of a shape in the form in which all shapes are stored: snapped, without
// repeated vertices, shells counter-clockwise and holes clockwise; nil for nil.
func encodeShape(shape orb.MultiPolygon) ([]byte, error) {
	if shape == nil {
		return nil, nil
	}
	var flat []float64
	ends := make([][]int, len(shape))
	for i, polygon := range shape {
		for j, ring := range polygon {
			flat = appendRing(flat, ring, j == 0)
			ends[i] = append(ends[i], len(flat))
		}
	}
	return ewkb.Marshal(geom.NewMultiPolygonFlat(geom.XY, flat, ends).SetSRID(srid), ewkb.NDR)
}

// encodeBox gives the EWKB of a bounding box: a polygon, or a line or a point if it has no area, as no
// valid polygon is that thin.
func encodeBox(west, south, east, north float64) ([]byte, error) {
	var box geom.T
	switch {
	case west == east && south == north:
		box = geom.NewPointFlat(geom.XY, []float64{west, south}).SetSRID(srid)
	case west == east || south == north:
		box = geom.NewLineStringFlat(geom.XY, []float64{west, south, east, north}).SetSRID(srid)
	default:
		ring := []float64{west, south, east, south, east, north, west, north, west, south}
		box = geom.NewPolygonFlat(geom.XY, ring, []int{len(ring)}).SetSRID(srid)
	}
	return ewkb.Marshal(box, ewkb.NDR)
}

// appendRing appends a ring to flat coordinates, snapped and turned the way it should go.
func appendRing(flat []float64, ring orb.Ring, counterClockwise bool) []float64 {
	snapped := make(orb.Ring, 0, len(ring))
	for _, p := range ring {
		if p = yizhan.SnapPoint(p); len(snapped) == 0 || p != snapped[len(snapped)-1] {
			snapped = append(snapped, p)
		}
	}
	if area := doubleArea(snapped); area != 0 && (area > 0) != counterClockwise {
		slices.Reverse(snapped)
	}
	for _, p := range snapped {
		flat = append(flat, p[0], p[1])
	}
	return flat
}

// doubleArea is twice the signed area of a ring in square degrees, positive if it goes counter-clockwise.
// Coordinates are taken from the first vertex, as a difference of large products would lose the sign of a
// small ring.
func doubleArea(ring orb.Ring) (sum float64) {
	for i := 1; i < len(ring); i++ {
		ax, ay := ring[i-1][0]-ring[0][0], ring[i-1][1]-ring[0][1]
		bx, by := ring[i][0]-ring[0][0], ring[i][1]-ring[0][1]
		sum += ax*by - ay*bx
	}
	return sum
}

// decodeShape reverses encodeShape.
func decodeShape(data []byte) (orb.MultiPolygon, error) {
	if data == nil {
		return nil, nil
	}
	read, err := ewkb.Unmarshal(data)
	if err != nil {
		return nil, fmt.Errorf("read a shape: %w", err)
	}
	shape, ok := read.(*geom.MultiPolygon)
	if !ok {
		return nil, fmt.Errorf("read a shape: found %T", read)
	}
	flat, start := shape.FlatCoords(), 0
	out := make(orb.MultiPolygon, len(shape.Endss()))
	for i, ends := range shape.Endss() {
		out[i] = make(orb.Polygon, len(ends))
		for j, end := range ends {
			ring := make(orb.Ring, 0, (end-start)/2)
			for ; start < end; start += 2 {
				ring = append(ring, orb.Point{flat[start], flat[start+1]})
			}
			out[i][j] = ring
		}
	}
	return out, nil
}
