package cql2

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
)

// ParseJSON reads a filter in CQL2 JSON.
func ParseJSON(text string) (Expr, error) {
	if err := tooLong(len(text)); err != nil {
		return nil, err
	}
	if !utf8.ValidString(text) {
		return nil, fault("", "is not UTF-8")
	}
	v, err := readJSON(text)
	if err != nil {
		return nil, err
	}
	var d decoder
	return d.expression("", v)
}

// decoder makes a tree of JSON values.
type decoder struct{ bounds }

func below(at Place, step string) Place { return at + "/" + Place(step) }

func nth(at Place, i int) Place { return below(at, strconv.Itoa(i)) }

// expression reads a node.
func (d *decoder) expression(at Place, v value) (Expr, error) {
	if err := d.node(at); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case bool:
		return &Bool{v, at}, nil
	case number:
		x, err := finite(at, string(v))
		return &Number{x, at}, err
	case string:
		return &Text{v, at}, checkLiteral(at, v)
	case []value:
		return d.list(at, v)
	case object:
		return d.object(at, v)
	}
	return nil, fault(at, "null is no value to compare with; use isNull")
}

func (d *decoder) list(at Place, list []value) (Expr, error) {
	if err := d.enter(at); err != nil {
		return nil, err
	}
	defer d.leave()
	items, err := d.expressions(at, list)
	return &List{items, at}, err
}

func (d *decoder) expressions(at Place, list []value) ([]Expr, error) {
	items := make([]Expr, len(list))
	for i, v := range list {
		var err error
		if items[i], err = d.expression(nth(at, i), v); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// object reads what its members show it to be.
func (d *decoder) object(at Place, o object) (Expr, error) {
	for _, form := range []struct {
		name    string
		members int
		read    func(at Place, v value, o object) (Expr, error)
	}{
		{"op", 2, d.call}, {"property", 1, d.property}, {"timestamp", 1, d.timestamp}, {"date", 1, d.date},
		{"interval", 1, d.interval}, {"bbox", 1, d.bbox}, {"type", maxMembers, d.shape},
	} {
		v, found := o.get(form.name)
		if !found {
			continue
		}
		if len(o) > form.members {
			return nil, fault(at, "has more members than one with %q may", form.name)
		}
		return form.read(at, v, o)
	}
	return nil, fault(at, "is none of op, property, date, timestamp, interval, bbox and geometry")
}

func (d *decoder) text(at Place, v value) (string, error) {
	if text, ok := v.(string); ok {
		return text, nil
	}
	return "", fault(at, "is not a text")
}

func (d *decoder) call(at Place, v value, o object) (Expr, error) {
	name, err := d.text(below(at, "op"), v)
	if err != nil {
		return nil, err
	}
	op := Op(name)
	sign, known := signatures[op]
	if !known {
		return nil, fault(below(at, "op"), "there is no operator %q", clip(name))
	}
	args, _ := o.get("args")
	list, ok := args.([]value)
	if !ok {
		return nil, fault(below(at, "args"), "is not a list")
	}
	if len(list) < sign.min || len(list) > sign.most {
		return nil, fault(below(at, "args"), "has %d values; %s takes %d", len(list), op, sign.min)
	}
	if err := d.enter(at); err != nil {
		return nil, err
	}
	defer d.leave()
	items, err := d.expressions(below(at, "args"), list)
	return &Call{op, items, at}, err
}

func (d *decoder) property(at Place, v value, _ object) (Expr, error) {
	name, err := d.text(below(at, "property"), v)
	if err != nil {
		return nil, err
	}
	return &Property{name, at}, checkName(below(at, "property"), name)
}

func (d *decoder) timestamp(at Place, v value, _ object) (Expr, error) {
	return d.instant(below(at, "timestamp"), at, v, false)
}

func (d *decoder) date(at Place, v value, _ object) (Expr, error) {
	return d.instant(below(at, "date"), at, v, true)
}

func (d *decoder) instant(textAt, at Place, v value, day bool) (Expr, error) {
	text, err := d.text(textAt, v)
	if err != nil {
		return nil, err
	}
	instant, err := parseInstant(textAt, text)
	if err != nil {
		return nil, err
	}
	if instant.Day != day {
		return nil, fault(textAt, "%s", instantHelp(day))
	}
	instant.Place = at
	return instant, nil
}

func (d *decoder) interval(at Place, v value, _ object) (Expr, error) {
	ends, ok := v.([]value)
	if !ok || len(ends) != 2 {
		return nil, fault(below(at, "interval"), "is not a list of two times")
	}
	start, err := d.intervalEnd(nth(below(at, "interval"), 0), ends[0])
	if err != nil {
		return nil, err
	}
	end, err := d.intervalEnd(nth(below(at, "interval"), 1), ends[1])
	if err != nil {
		return nil, err
	}
	return &Interval{start, end, at}, checkInterval(at, start, end)
}

func (d *decoder) intervalEnd(at Place, v value) (Expr, error) {
	if err := d.node(at); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string:
		return intervalText(at, v)
	case object:
		if name, found := v.get("property"); found && len(v) == 1 {
			return d.property(at, name, v)
		}
	}
	return nil, fault(at, "is not a day, a time, \"..\" or a property")
}

func (d *decoder) bbox(at Place, v value, _ object) (Expr, error) {
	numbers, err := d.numbers(below(at, "bbox"), v)
	if err != nil {
		return nil, err
	}
	box, err := boxOf(below(at, "bbox"), numbers)
	if err != nil {
		return nil, err
	}
	return &Shape{box, at}, nil
}

func (d *decoder) numbers(at Place, v value) ([]float64, error) {
	list, ok := v.([]value)
	if !ok {
		return nil, fault(at, "is not a list of numbers")
	}
	numbers := make([]float64, len(list))
	for i, item := range list {
		text, ok := item.(number)
		if !ok {
			return nil, fault(nth(at, i), "is not a number")
		}
		var err error
		if numbers[i], err = finite(nth(at, i), string(text)); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func (d *decoder) shape(at Place, v value, o object) (Expr, error) {
	g, err := d.geometry(at, v, o, true)
	if err != nil {
		return nil, err
	}
	return &Shape{g, at}, nil
}

// geometry reads a GeoJSON geometry.
func (d *decoder) geometry(at Place, v value, o object, mixed bool) (g orb.Geometry, err error) {
	name, err := d.text(below(at, "type"), v)
	if err != nil {
		return nil, err
	}
	coordinates, _ := o.get("coordinates")
	from := below(at, "coordinates")
	switch {
	case name == "Point":
		g, err = d.position(from, coordinates)
	case name == "LineString":
		g, err = each[orb.LineString](from, coordinates, d.position)
	case name == "Polygon":
		g, err = d.polygon(from, coordinates)
	case name == "MultiPoint":
		g, err = each[orb.MultiPoint](from, coordinates, d.position)
	case name == "MultiLineString":
		g, err = each[orb.MultiLineString](from, coordinates, func(at Place, v value) (orb.LineString, error) {
			return each[orb.LineString](at, v, d.position)
		})
	case name == "MultiPolygon":
		g, err = each[orb.MultiPolygon](from, coordinates, d.polygon)
	case name == "GeometryCollection" && mixed:
		members, _ := o.get("geometries")
		g, err = each[orb.Collection](below(at, "geometries"), members, d.part)
	default:
		return nil, fault(below(at, "type"), "%q is not a type of geometry here", clip(name))
	}
	if err != nil {
		return nil, err
	}
	return g, checkShape(at, g)
}

// part reads a member of a collection.
func (d *decoder) part(at Place, v value) (orb.Geometry, error) {
	o, ok := v.(object)
	if !ok {
		return nil, fault(at, "is not a geometry")
	}
	if err := d.node(at); err != nil {
		return nil, err
	}
	name, _ := o.get("type")
	return d.geometry(at, name, o, false)
}

func (d *decoder) polygon(at Place, v value) (orb.Polygon, error) {
	return each[orb.Polygon](at, v, func(at Place, v value) (orb.Ring, error) { return each[orb.Ring](at, v, d.position) })
}

func (d *decoder) position(at Place, v value) (orb.Point, error) {
	numbers, err := d.numbers(at, v)
	if err == nil && (len(numbers) < 2 || len(numbers) > 3) {
		err = fault(at, "a position has two numbers, or three, not %d", len(numbers))
	}
	if err != nil {
		return orb.Point{}, err
	}
	return orb.Point{numbers[0], numbers[1]}, nil
}

// each reads a list of items.
func each[L ~[]E, E any](at Place, v value, read func(Place, value) (E, error)) (L, error) {
	list, ok := v.([]value)
	if !ok {
		return nil, fault(at, "is not a list")
	}
	items := make(L, len(list))
	for i, item := range list {
		var err error
		if items[i], err = read(nth(at, i), item); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// AppendJSON appends a filter in CQL2 JSON.
func AppendJSON(dst []byte, e Expr) []byte {
	switch n := e.(type) {
	case *Call:
		dst = append(dst, `{"op":`...)
		dst = appendQuoted(dst, string(n.Op))
		dst = append(dst, `,"args":`...)
		return append(appendList(dst, n.Args, AppendJSON), '}')
	case *Property:
		return append(appendQuoted(append(dst, `{"property":`...), n.Name), '}')
	case *Text:
		return appendQuoted(dst, n.Value)
	case *Number:
		return appendNumber(dst, n.Value)
	case *Bool:
		return strconv.AppendBool(dst, n.Value)
	case *Instant:
		key := `{"timestamp":`
		if n.Day {
			key = `{"date":`
		}
		return append(appendQuoted(append(dst, key...), instantText(n)), '}')
	case *Interval:
		return append(appendList(append(dst, `{"interval":`...), []Expr{n.Start, n.End}, appendEndJSON), '}')
	case *List:
		return appendList(dst, n.Items, AppendJSON)
	case *Shape:
		return appendShapeJSON(dst, n.Geometry)
	}
	return dst
}

func appendEndJSON(dst []byte, e Expr) []byte {
	switch n := e.(type) {
	case nil:
		return append(dst, `".."`...)
	case *Instant:
		return appendQuoted(dst, instantText(n))
	}
	return AppendJSON(dst, e)
}

func appendShapeJSON(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Bound:
		dst = append(dst, `{"bbox":`...)
		return append(appendList(dst, []float64{g.Min[0], g.Min[1], g.Max[0], g.Max[1]}, appendNumber), '}')
	case orb.Collection:
		dst = append(dst, `{"type":"GeometryCollection","geometries":`...)
		return append(appendList(dst, g, appendShapeJSON), '}')
	}
	dst = append(dst, `{"type":"`...)
	dst = append(dst, g.GeoJSONType()...)
	dst = append(dst, `","coordinates":`...)
	return append(appendCoordinates(dst, g), '}')
}

func appendCoordinates(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return appendList(dst, g[:], appendNumber)
	case orb.MultiPoint:
		return appendList(dst, g, appendPosition)
	case orb.LineString:
		return appendList(dst, g, appendPosition)
	case orb.Ring:
		return appendList(dst, g, appendPosition)
	case orb.MultiLineString:
		return appendList(dst, g, func(dst []byte, line orb.LineString) []byte { return appendCoordinates(dst, line) })
	case orb.Polygon:
		return appendList(dst, g, func(dst []byte, ring orb.Ring) []byte { return appendCoordinates(dst, ring) })
	case orb.MultiPolygon:
		return appendList(dst, g, func(dst []byte, polygon orb.Polygon) []byte { return appendCoordinates(dst, polygon) })
	}
	return dst
}

func appendPosition(dst []byte, p orb.Point) []byte { return appendCoordinates(dst, p) }

func appendList[E any](dst []byte, list []E, item func([]byte, E) []byte) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, e)
	}
	return append(dst, ']')
}

func appendNumber(dst []byte, x float64) []byte { return strconv.AppendFloat(dst, x, 'g', -1, 64) }

const hexadecimal = "0123456789abcdef"

func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for i := range len(text) {
		switch b := text[i]; {
		case strings.IndexByte(`"\`, b) >= 0:
			dst = append(dst, '\\', b)
		case b < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexadecimal[b>>4], hexadecimal[b&15])
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, '"')
}
