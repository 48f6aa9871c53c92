package intake

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/datum"
)

// binding reads fields out of records.
type binding struct {
	columns    map[string]int // by field
	places     *places
	collection Collection
}

func columnsOf(fields []string) map[string]int {
	columns := map[string]int{}
	for i, name := range fields {
		if name != "" {
			columns[name] = i
		}
	}
	return columns
}

// value is what a record has of a field; empty for nothing.
func (b *binding) value(values []string, field string) string {
	if i, ok := b.columns[field]; ok && i < len(values) {
		return strings.TrimSpace(values[i])
	}
	return ""
}

func (b *binding) has(field string) bool { _, ok := b.columns[field]; return ok }

func (b *binding) unitNames(values []string) unitNames {
	return unitNames{b.value(values, "community_name"), b.value(values, "township_name"), b.value(values, "banner_name")}
}

// rawPosition is where a record is, in the coordinates of the file: that of its geometry, or of its columns.
func (b *binding) rawPosition(values []string, shape orb.Geometry) (orb.Point, bool) {
	if shape != nil {
		return middleOf(shape)
	}
	if b.collection == Units {
		at, given, err := b.seatPosition(values)
		return at, given && err == nil
	}
	at, given, err := b.columnPosition(values)
	return at, given && err == nil
}

func middleOf(shape orb.Geometry) (orb.Point, bool) {
	if p, isPoint := shape.(orb.Point); isPoint {
		return p, finite(p)
	}
	bound := shape.Bound()
	if bound.IsEmpty() {
		return orb.Point{}, false
	}
	return bound.Center(), finite(bound.Center())
}

func finite(p orb.Point) bool {
	return !math.IsNaN(p[0]) && !math.IsNaN(p[1]) && !math.IsInf(p[0], 0) && !math.IsInf(p[1], 0)
}

// columnPosition reads the position in the columns of a record. given is false if they are empty.
func (b *binding) columnPosition(values []string) (at orb.Point, given bool, err error) {
	lng, lat := b.value(values, "lng"), b.value(values, "lat")
	if lng == "" && lat == "" {
		return b.pairPosition(b.value(values, "position"))
	}
	if lng == "" || lat == "" {
		return at, true, errors.New("one of the two coordinates is empty")
	}
	if at[0], err = coordinate(lng); err != nil {
		return at, true, err
	}
	at[1], err = coordinate(lat)
	return at, true, err
}

// seatPosition reads the place of a seat, in one column or in two.
func (b *binding) seatPosition(values []string) (at orb.Point, given bool, err error) {
	text := b.value(values, "seat")
	if lng, lat := b.value(values, "seat_lng"), b.value(values, "seat_lat"); lng != "" || lat != "" {
		text = lng + "," + lat
	}
	return b.pairPosition(text)
}

// pairPosition reads a position in one cell: 119.7364, 49.2122.
func (b *binding) pairPosition(text string) (at orb.Point, given bool, err error) {
	if text == "" {
		return at, false, nil
	}
	text = strings.Trim(text, "()[]（）【】 ")
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，;； \t/", r) })
	if len(parts) != 2 {
		return at, true, fmt.Errorf("is not two coordinates, such as 119.7364,49.2122")
	}
	if at[0], err = coordinate(parts[0]); err != nil {
		return at, true, err
	}
	at[1], err = coordinate(parts[1])
	return at, true, err
}

var sexagesimal = regexp.MustCompile(`^([0-9]{1,3})[°度]\s*([0-9]{1,2})[′'’分]\s*(?:([0-9]{1,2}(?:\.[0-9]+)?)(?:[″"”秒]|'')?)?$`)

// coordinate reads a number, or degrees, minutes and seconds.
func coordinate(text string) (float64, error) {
	text = narrow(text)
	text = strings.TrimSpace(strings.TrimRight(strings.TrimLeft(text, "EeNn东经北纬 "), "EeNn东经北纬 "))
	if match := sexagesimal.FindStringSubmatch(text); match != nil {
		var parts [3]float64
		for i, digits := range match[1:] {
			if digits != "" {
				parts[i], _ = strconv.ParseFloat(digits, 64) // digits, by the pattern
			}
		}
		if parts[1] >= 60 || parts[2] >= 60 {
			return 0, errors.New("has 60 or more minutes or seconds")
		}
		return parts[0] + parts[1]/60 + parts[2]/3600, nil
	}
	text = strings.TrimRight(text, "°度mM米 ")
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || strings.ContainsAny(text, "xXpP_") {
		return 0, errors.New("is not a number")
	}
	return value, nil
}

// narrow gives digits and signs of full width in their usual width.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		if r == '\u3000' {
			return ' '
		}
		return r
	}, text)
}

// moved gives a geometry of the file in WGS84, on the grid on which all geometry is stored; nil for one of a
// kind that is not read.
func moved(shape orb.Geometry, from datum.Candidate) orb.Geometry {
	move := func(points []orb.Point) []orb.Point {
		out := make([]orb.Point, len(points))
		for i, p := range points {
			out[i] = yizhan.SnapPoint(from.ToWGS84(p))
		}
		return out
	}
	polygon := func(p orb.Polygon) orb.Polygon {
		out := make(orb.Polygon, len(p))
		for i, ring := range p {
			out[i] = orb.Ring(move(ring))
		}
		return out
	}
	switch s := shape.(type) {
	case orb.Point:
		return move([]orb.Point{s})[0]
	case orb.MultiPoint:
		return orb.MultiPoint(move(s))
	case orb.LineString:
		return orb.LineString(move(s))
	case orb.Polygon:
		return polygon(s)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(s))
		for i, p := range s {
			out[i] = polygon(p)
		}
		return out
	}
	return nil
}
