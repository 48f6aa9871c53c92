package geojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// parseGeometry reads a geometry; nil for none. flattened tells that it had heights.
func parseGeometry(data json.RawMessage) (shape orb.Geometry, flattened bool, err error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "null" {
		return nil, false, nil
	}
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(data, &g); err != nil {
		return nil, false, errors.New("the geometry is not one of GeoJSON")
	}
	p := coordinates{data: g.Coordinates}
	switch g.Type {
	case "Point":
		shape = p.position()
	case "MultiPoint":
		shape = orb.MultiPoint(p.positions())
	case "LineString":
		shape = orb.LineString(p.positions())
	case "Polygon":
		shape = p.polygon()
	case "MultiPolygon":
		var area orb.MultiPolygon
		p.list(func() { area = append(area, p.polygon()) })
		shape = area
	default:
		return nil, false, fmt.Errorf("the geometry is not a Point, MultiPoint, LineString, Polygon or MultiPolygon")
	}
	if p.space(); p.err == nil && p.at != len(p.data) {
		p.err = errors.New("the coordinates are not those of the type")
	}
	return shape, p.flattened, p.err
}

// coordinates reads nested lists of numbers; the first fault ends it.
type coordinates struct {
	data      []byte
	at        int
	vertices  int
	flattened bool
	err       error
}

func (p *coordinates) fail(message string) {
	if p.err == nil {
		p.err = errors.New(message)
	}
	p.at = len(p.data)
}

func (p *coordinates) space() {
	for p.at < len(p.data) && (p.data[p.at] == ' ' || p.data[p.at] == '\n' || p.data[p.at] == '\t' || p.data[p.at] == '\r') {
		p.at++
	}
}

func (p *coordinates) next(c byte) bool {
	p.space()
	if p.err == nil && p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

// list calls item for each item of a list.
func (p *coordinates) list(item func()) {
	if !p.next('[') {
		p.fail("the coordinates are not those of the type")
		return
	}
	for !p.next(']') {
		item()
		if p.err != nil {
			return
		}
		p.next(',') // the JSON was valid: there is a comma or the end
	}
}

func (p *coordinates) polygon() (polygon orb.Polygon) {
	p.list(func() { polygon = append(polygon, orb.Ring(p.positions())) })
	return polygon
}

func (p *coordinates) positions() (positions []orb.Point) {
	p.list(func() { positions = append(positions, p.position()) })
	return positions
}

func (p *coordinates) position() (point orb.Point) {
	n := 0
	p.list(func() {
		value := p.number()
		if n < 2 {
			point[n] = value
		}
		n++
	})
	switch {
	case n < 2:
		p.fail("a position has fewer than two numbers")
	case n > 2:
		p.flattened = true
	}
	if p.vertices++; p.vertices > yizhan.MaxVertices {
		p.fail(fmt.Sprintf("the geometry has more than %d vertices", yizhan.MaxVertices))
	}
	return point
}

func (p *coordinates) number() float64 {
	p.space()
	start := p.at
	for p.at < len(p.data) && bytes.IndexByte([]byte("+-.0123456789eE"), p.data[p.at]) >= 0 {
		p.at++
	}
	value, err := strconv.ParseFloat(string(p.data[start:p.at]), 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		p.fail("a coordinate is not a finite number")
	}
	return value
}
