package cql2

import (
	"github.com/paulmach/orb"
)

var geometryWords = map[string]bool{"point": true, "linestring": true, "polygon": true, "multipoint": true,
	"multilinestring": true, "multipolygon": true, "geometrycollection": true, "bbox": true}

func isGeometryWord(name string) bool { return geometryWords[name] }

// shape reads a geometry after its first word.
func (p *parser) shape(at Place, name string) (Expr, error) {
	g, err := p.geometry(at, name)
	if err != nil {
		return nil, err
	}
	return &Shape{g, at}, nil
}

func (p *parser) geometry(at Place, name string) (g orb.Geometry, err error) {
	if _, err := p.take("z"); err != nil {
		return nil, err
	}
	switch name {
	case "point":
		var points []orb.Point
		if points, err = p.positions(); err == nil && len(points) != 1 {
			err = fault(at, "a point has one position, not %d", len(points))
		}
		if err == nil {
			g = points[0]
		}
	case "linestring":
		var points []orb.Point
		points, err = p.positions()
		g = orb.LineString(points)
	case "polygon":
		var rings []orb.Ring
		rings, err = p.rings()
		g = orb.Polygon(rings)
	case "multipoint":
		var points []orb.Point
		points, err = p.points()
		g = orb.MultiPoint(points)
	case "multilinestring":
		var lines orb.MultiLineString
		err = p.group(func() error {
			points, err := p.positions()
			lines = append(lines, points)
			return err
		})
		g = lines
	case "multipolygon":
		var polygons orb.MultiPolygon
		err = p.group(func() error {
			rings, err := p.rings()
			polygons = append(polygons, rings)
			return err
		})
		g = polygons
	case "geometrycollection":
		g, err = p.collection(at)
	case "bbox":
		g, err = p.box(at)
	}
	if err != nil {
		return nil, err
	}
	return g, checkShape(at, g)
}

// group reads a list in parentheses, with commas between.
func (p *parser) group(item func() error) error {
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if taken, err := p.take(","); err != nil {
			return err
		} else if !taken {
			return p.expect(")")
		}
	}
}

func (p *parser) positions() (points []orb.Point, err error) {
	err = p.group(func() error {
		point, err := p.position()
		points = append(points, point)
		return err
	})
	return points, err
}

// points reads positions each of which may stand in parentheses of its own.
func (p *parser) points() (points []orb.Point, err error) {
	err = p.group(func() error {
		inner, err := p.take("(")
		if err != nil {
			return err
		}
		point, err := p.position()
		if err != nil {
			return err
		}
		points = append(points, point)
		if inner {
			return p.expect(")")
		}
		return nil
	})
	return points, err
}

func (p *parser) rings() (rings []orb.Ring, err error) {
	err = p.group(func() error {
		points, err := p.positions()
		rings = append(rings, points)
		return err
	})
	return rings, err
}

func (p *parser) position() (point orb.Point, err error) {
	if point[0], err = p.number(); err != nil {
		return point, err
	}
	if point[1], err = p.number(); err != nil {
		return point, err
	}
	if p.token.kind == tokenNumber || p.is("-") || p.is("+") {
		_, err = p.number()
	}
	return point, err
}

func (p *parser) collection(at Place) (orb.Geometry, error) {
	members := orb.Collection{}
	err := p.group(func() error {
		t, name := p.token, lower(p.token.text)
		if t.kind != tokenWord || !isGeometryWord(name) || name == "bbox" || name == "geometrycollection" {
			return p.unexpected("a geometry")
		}
		if err := p.node(t.at); err != nil {
			return err
		}
		if err := p.advance(); err != nil {
			return err
		}
		g, err := p.geometry(t.at, name)
		members = append(members, g)
		return err
	})
	return members, err
}

func (p *parser) box(at Place) (orb.Geometry, error) {
	var numbers []float64
	err := p.group(func() error {
		x, err := p.number()
		numbers = append(numbers, x)
		return err
	})
	if err != nil {
		return nil, err
	}
	return boxOf(at, numbers)
}

// boxOf makes a box of four numbers, or of six with heights.
func boxOf(at Place, numbers []float64) (orb.Geometry, error) {
	switch len(numbers) {
	case 4:
	case 6:
		numbers = []float64{numbers[0], numbers[1], numbers[3], numbers[4]}
	default:
		return nil, fault(at, "a box has four numbers, or six, not %d", len(numbers))
	}
	box := orb.Bound{Min: orb.Point{numbers[0], numbers[1]}, Max: orb.Point{numbers[2], numbers[3]}}
	if box.Min[0] > box.Max[0] || box.Min[1] > box.Max[1] {
		return nil, fault(at, "the box ends before it begins: its two lower numbers come first")
	}
	return box, nil
}

// checkShape checks the form of a geometry: that it has enough positions, and closed rings.
func checkShape(at Place, g orb.Geometry) error {
	switch g := g.(type) {
	case orb.LineString:
		return checkLine(at, g)
	case orb.MultiLineString:
		return eachShape(at, g, func(line orb.LineString) error { return checkLine(at, line) })
	case orb.Polygon:
		return eachShape(at, g, func(ring orb.Ring) error { return checkRing(at, ring) })
	case orb.MultiPolygon:
		return eachShape(at, g, func(polygon orb.Polygon) error { return checkShape(at, polygon) })
	case orb.MultiPoint:
		return eachShape(at, g, func(orb.Point) error { return nil })
	case orb.Collection:
		return eachShape(at, g, func(member orb.Geometry) error { return checkShape(at, member) })
	}
	return nil
}

func eachShape[E any](at Place, list []E, check func(E) error) error {
	if len(list) == 0 {
		return fault(at, "the geometry is empty")
	}
	for _, e := range list {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

func checkLine(at Place, line orb.LineString) error {
	if len(line) < 2 {
		return fault(at, "a line has at least 2 positions, not %d", len(line))
	}
	return nil
}

func checkRing(at Place, ring orb.Ring) error {
	switch {
	case len(ring) < 4:
		return fault(at, "a ring has at least 4 positions, not %d", len(ring))
	case ring[0] != ring[len(ring)-1]:
		return fault(at, "a ring is not closed: it begins at [%g, %g] and ends at [%g, %g]",
			ring[0][0], ring[0][1], ring[len(ring)-1][0], ring[len(ring)-1][1])
	}
	return nil
}
