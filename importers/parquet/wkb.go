package parquet

import (
	"encoding/binary"
	"math"
	"strconv"
)

// The kinds of geometry in well-known binary.
const (
	wkbPoint = 1 + iota
	wkbLineString
	wkbPolygon
	wkbMultiPoint
	wkbMultiLineString
	wkbMultiPolygon
	wkbCollection
)

// The flags of EWKB, which some programs write in place of the thousands of ISO.
const (
	ewkbZ    = 1 << 31
	ewkbM    = 1 << 30
	ewkbSRID = 1 << 29
)

// Well-known binary is read by hand, as a fault has to cost its own row and no more: go-geom allocates what a count claims (64 GB for
// nine bytes) and goes as deep as the data does, until the stack ends the process, and each knows one of the two ways to
// write heights.

// appendGeometry writes well-known binary as GeoJSON, with its heights, and as a geometry of no type where it is none:
// whoever reads that tells the row.
func appendGeometry(line []byte, data []byte) []byte {
	w := binaryShape{data: data}
	shape := w.geometry(nil, 0)
	if w.failed || len(w.data) > 0 {
		shape = []byte(`{"type":"damaged"}`)
	}
	return append(line, shape...)
}

// binaryShape reads well-known binary; the first fault ends it.
type binaryShape struct {
	data   []byte
	failed bool
}

const wkbDeepest = 2 // a polygon in a multipolygon; collections of collections are refused

func (w *binaryShape) take(n int) []byte {
	if w.failed || n < 0 || n > len(w.data) {
		w.failed, w.data = true, nil
		return make([]byte, 8)
	}
	taken := w.data[:n]
	w.data = w.data[n:]
	return taken
}

// header reads the byte order, the kind and how many ordinates a position has: 2, 3 or 4. hasZ tells whether the
// third is a height.
func (w *binaryShape) header() (order binary.ByteOrder, kind uint32, ordinates int, hasZ bool) {
	order = binary.BigEndian
	if w.take(1)[0] == 1 {
		order = binary.LittleEndian
	}
	kind = order.Uint32(w.take(4))
	hasZ, hasM := kind&ewkbZ != 0, kind&ewkbM != 0
	if kind&ewkbSRID != 0 {
		w.take(4)
	}
	kind &^= ewkbZ | ewkbM | ewkbSRID
	switch kind / 1000 {
	case 1:
		hasZ = true
	case 2:
		hasM = true
	case 3:
		hasZ, hasM = true, true
	}
	ordinates = 2
	if hasZ {
		ordinates++
	}
	if hasM {
		ordinates++
	}
	return order, kind % 1000, ordinates, hasZ
}

func (w *binaryShape) geometry(out []byte, depth int) []byte {
	order, kind, ordinates, hasZ := w.header()
	names := [...]string{wkbPoint: "Point", wkbLineString: "LineString", wkbPolygon: "Polygon", wkbMultiPoint: "MultiPoint", wkbMultiLineString: "MultiLineString", wkbMultiPolygon: "MultiPolygon", wkbCollection: "GeometryCollection"}
	if w.failed || kind < wkbPoint || kind > wkbCollection || depth > wkbDeepest {
		w.failed, w.data = true, nil
		return out
	}
	if kind == wkbCollection {
		w.data = nil // nothing here is a collection; its type says so
		return append(out, `{"type":"GeometryCollection"}`...)
	}
	position := func(out []byte) []byte { return w.position(out, order, ordinates, hasZ) }
	positions := func(out []byte) []byte { return w.list(out, order, 8*ordinates, position) }
	out = append(append(append(out, `{"type":"`...), names[kind]...), `","coordinates":`...)
	switch kind {
	case wkbPoint:
		out = position(out)
	case wkbLineString:
		out = positions(out)
	case wkbPolygon:
		out = w.list(out, order, 4, positions)
	default:
		out = w.list(out, order, 5, func(out []byte) []byte { return w.member(out, depth, kind) })
	}
	return append(out, '}')
}

// member reads a part of a geometry of many, which is a geometry itself, and writes its coordinates alone.
func (w *binaryShape) member(out []byte, depth int, within uint32) []byte {
	order, kind, ordinates, hasZ := w.header()
	if kind != within-3 || depth >= wkbDeepest { // the kinds of many are three above those of one
		w.failed, w.data = true, nil
		return out
	}
	position := func(out []byte) []byte { return w.position(out, order, ordinates, hasZ) }
	positions := func(out []byte) []byte { return w.list(out, order, 8*ordinates, position) }
	switch kind {
	case wkbPoint:
		return position(out)
	case wkbLineString:
		return positions(out)
	}
	return w.list(out, order, 4, positions)
}

// list reads a count and so many items, each of least bytes or more.
func (w *binaryShape) list(out []byte, order binary.ByteOrder, least int, item func([]byte) []byte) []byte {
	n := order.Uint32(w.take(4))
	if int64(n)*int64(least) > int64(len(w.data)) {
		w.failed, w.data = true, nil
		return out
	}
	out = append(out, '[')
	for i := range n {
		if w.failed {
			return out
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = item(out)
	}
	return append(out, ']')
}

// position writes lng, lat and a height. One that is not finite is null, which is no position; of an empty point both
// are not.
func (w *binaryShape) position(out []byte, order binary.ByteOrder, ordinates int, hasZ bool) []byte {
	data := w.take(8 * ordinates)
	if w.failed {
		return out
	}
	shown := 2
	if hasZ {
		shown = 3
	}
	out = append(out, '[')
	for i := range shown {
		if i > 0 {
			out = append(out, ',')
		}
		x := math.Float64frombits(order.Uint64(data[8*i:]))
		if math.IsNaN(x) || math.IsInf(x, 0) {
			out = append(out, "null"...)
		} else {
			out = strconv.AppendFloat(out, x, 'g', -1, 64)
		}
	}
	return append(out, ']')
}
