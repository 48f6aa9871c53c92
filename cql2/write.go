package cql2

import (
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// String gives a filter as CQL2 text. Read again, it is the same tree.
func String(e Expr) string { return string(appendText(nil, e, 0)) }

// How tightly operators hold. An operand that holds less tightly than its place asks for is put in
// parentheses.
const (
	holdsOr = iota
	holdsAnd
	holdsNot
	holdsCompare
	holdsSum
	holdsProduct
	holdsPower
	holdsValue
)

func holds(e Expr) int {
	call, ok := e.(*Call)
	if !ok {
		return holdsValue
	}
	switch call.Op {
	case Or:
		return holdsOr
	case And:
		return holdsAnd
	case Not:
		return holdsNot
	case Add, Subtract:
		return holdsSum
	case Multiply, Divide, Modulo, IntDivide:
		return holdsProduct
	case Power:
		return holdsPower
	}
	switch call.Op.Family() {
	case Comparison, Matching, Ranging, Listing, Nullness:
		return holdsCompare
	}
	return holdsValue
}

func appendText(dst []byte, e Expr, place int) []byte {
	if holds(e) < place {
		dst = append(dst, '(')
		dst = appendText(dst, e, 0)
		return append(dst, ')')
	}
	switch n := e.(type) {
	case *Call:
		return appendCall(dst, n)
	case *Property:
		return appendName(dst, n.Name)
	case *Text:
		return appendLiteral(dst, n.Value)
	case *Number:
		return appendNumber(dst, n.Value)
	case *Bool:
		if n.Value {
			return append(dst, "TRUE"...)
		}
		return append(dst, "FALSE"...)
	case *Instant:
		name := "TIMESTAMP("
		if n.Day {
			name = "DATE("
		}
		return append(appendLiteral(append(dst, name...), instantText(n)), ')')
	case *Interval:
		dst = appendEnd(append(dst, "INTERVAL("...), n.Start)
		return append(appendEnd(append(dst, ", "...), n.End), ')')
	case *List:
		return appendTextList(dst, n.Items)
	case *Shape:
		return appendShape(dst, n.Geometry)
	}
	return dst
}

func appendCall(dst []byte, n *Call) []byte {
	switch n.Op.Family() {
	case Logical:
		return appendLogical(dst, n)
	case Comparison:
		return appendInfix(dst, n, holdsSum, holdsSum)
	case Arithmetic:
		return appendArithmetic(dst, n)
	case Matching:
		return appendInfix(dst, n, holdsSum, holdsSum)
	case Ranging:
		dst = appendText(dst, n.Args[0], holdsSum)
		dst = appendText(append(dst, " BETWEEN "...), n.Args[1], holdsSum)
		return appendText(append(dst, " AND "...), n.Args[2], holdsSum)
	case Listing:
		dst = appendText(dst, n.Args[0], holdsSum)
		return appendText(append(dst, " IN "...), n.Args[1], holdsValue)
	case Nullness:
		return append(appendText(dst, n.Args[0], holdsSum), " IS NULL"...)
	}
	dst = append(dst, strings.ToUpper(string(n.Op))...)
	return appendTextList(dst, n.Args)
}

func appendLogical(dst []byte, n *Call) []byte {
	if n.Op == Not {
		return appendText(append(dst, "NOT "...), n.Args[0], holdsNot)
	}
	for i, argument := range n.Args {
		if i > 0 {
			dst = append(dst, ' ')
			dst = append(dst, strings.ToUpper(string(n.Op))...)
			dst = append(dst, ' ')
		}
		dst = appendText(dst, argument, holds(n)+1)
	}
	return dst
}

func appendInfix(dst []byte, n *Call, left, right int) []byte {
	dst = appendText(dst, n.Args[0], left)
	dst = append(dst, ' ')
	dst = append(dst, strings.ToUpper(string(n.Op))...)
	dst = append(dst, ' ')
	return appendText(dst, n.Args[1], right)
}

func appendArithmetic(dst []byte, n *Call) []byte {
	if n.Op == Power {
		return appendInfix(dst, n, holdsValue, holdsPower)
	}
	return appendInfix(dst, n, holds(n), holds(n)+1)
}

func appendTextList(dst []byte, list []Expr) []byte {
	dst = append(dst, '(')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendText(dst, e, 0)
	}
	return append(dst, ')')
}

func appendEnd(dst []byte, e Expr) []byte {
	switch n := e.(type) {
	case nil:
		return append(dst, "'..'"...)
	case *Instant:
		return appendLiteral(dst, instantText(n))
	}
	return appendText(dst, e, 0)
}

func instantText(n *Instant) string {
	if n.Day {
		return n.Time.Format(time.DateOnly)
	}
	return n.Time.Format(time.RFC3339Nano)
}

func appendLiteral(dst []byte, text string) []byte {
	dst = append(dst, '\'')
	dst = append(dst, strings.ReplaceAll(text, "'", "''")...)
	return append(dst, '\'')
}

// appendName writes a name in quotes where a bare one would not be read as one.
func appendName(dst []byte, name string) []byte {
	bare := lexer{text: name}
	t, err := bare.next()
	if err == nil && t.kind == tokenWord && t.text == name && !words[lower(name)] {
		return append(dst, name...)
	}
	dst = append(dst, '"')
	dst = append(dst, name...)
	return append(dst, '"')
}

func appendShape(dst []byte, g orb.Geometry) []byte {
	if box, ok := g.(orb.Bound); ok {
		return appendGroup(append(dst, "BBOX"...), []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}, appendNumber)
	}
	dst = append(dst, strings.ToUpper(g.GeoJSONType())...)
	switch g := g.(type) {
	case orb.Point:
		return appendPoints(dst, []orb.Point{g})
	case orb.Collection:
		return appendGroup(dst, g, appendShape)
	}
	return appendWKT(dst, g)
}

func appendWKT(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.MultiPoint:
		return appendGroup(dst, g, func(dst []byte, p orb.Point) []byte { return appendPoints(dst, []orb.Point{p}) })
	case orb.LineString:
		return appendPoints(dst, g)
	case orb.Ring:
		return appendPoints(dst, g)
	case orb.MultiLineString:
		return appendGroup(dst, g, func(dst []byte, line orb.LineString) []byte { return appendWKT(dst, line) })
	case orb.Polygon:
		return appendGroup(dst, g, func(dst []byte, ring orb.Ring) []byte { return appendWKT(dst, ring) })
	case orb.MultiPolygon:
		return appendGroup(dst, g, func(dst []byte, polygon orb.Polygon) []byte { return appendWKT(dst, polygon) })
	}
	return dst
}

func appendPoints(dst []byte, points []orb.Point) []byte {
	return appendGroup(dst, points, func(dst []byte, p orb.Point) []byte {
		return appendNumber(append(appendNumber(dst, p[0]), ' '), p[1])
	})
}

func appendGroup[E any](dst []byte, list []E, item func([]byte, E) []byte) []byte {
	dst = append(dst, '(')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, e)
	}
	return append(dst, ')')
}
