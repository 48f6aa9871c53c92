package store_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
)

// evaluate says what a filter is for a feature, sharing nothing with the SQL: true, false, a float64, a
// string, a []string, an orb.Geometry, a moment, or nil for null.
func evaluate(f yizhan.Feature, e cql2.Expr) any {
	switch n := e.(type) {
	case *cql2.Property:
		return propertyOf(f, n.Name)
	case *cql2.Text:
		return n.Value
	case *cql2.Number:
		return n.Value
	case *cql2.Bool:
		return n.Value
	case *cql2.Shape:
		return n.Geometry
	case *cql2.List:
		texts := []string{}
		for _, item := range n.Items {
			texts = append(texts, evaluate(f, item).(string))
		}
		return texts
	case *cql2.Instant:
		if n.Day {
			return moment{n.Time, n.Time.Add(24*time.Hour - time.Microsecond)}
		}
		return moment{n.Time, n.Time}
	case *cql2.Interval:
		return evaluateInterval(f, n)
	case *cql2.Call:
		return evaluateCall(f, n)
	}
	panic(fmt.Sprintf("%T", e))
}

// moment is a time from its first to its last microsecond.
type moment struct{ from, to time.Time }

func evaluateInterval(f yizhan.Feature, n *cql2.Interval) any {
	m := moment{time.Unix(-1<<40, 0), time.Unix(1<<40, 0)}
	if n.Start != nil {
		start := evaluate(f, n.Start)
		if start == nil {
			return nil
		}
		m.from = start.(moment).from
	}
	if n.End != nil {
		end := evaluate(f, n.End)
		if end == nil {
			return nil
		}
		m.to = end.(moment).to
	}
	return m
}

func propertyOf(f yizhan.Feature, name string) any {
	at := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return moment{t, t}
	}
	point := func(p *orb.Point) any {
		if p == nil {
			return nil
		}
		return *p
	}
	area := func(shape orb.MultiPolygon) any {
		if shape == nil {
			return nil
		}
		return shape
	}
	var values map[string]any
	switch f := f.(type) {
	case *yizhan.Unit:
		values = map[string]any{"code": f.Code, "level": string(f.Level), "parent": f.Parent, "name": f.Name, "name_en": f.NameEn, "type": f.Type,
			"seat": point(f.Seat), "geometry": area(f.Boundary), "synthetic": f.Synthetic, "version": float64(f.Version)}
	case *yizhan.Station:
		services := []string{}
		for _, s := range f.Services {
			if s.Condition != yizhan.Broken {
				services = append(services, string(s.Service))
			}
		}
		values = map[string]any{"code": f.Code, "name": f.Name, "kind": string(f.Kind), "sponsor": string(f.Sponsor), "address": f.Address,
			"capacity": float64(f.Capacity), "opening_hours": f.Hours.String(), "status": string(f.Status), "community": f.Community,
			"micro_grid": f.MicroGrid, "services": services, "confirmed_at": at(f.ConfirmedAt), "geometry": f.Location, "entrance": point(f.Entrance),
			"approximate": f.Approximate, "synthetic": f.Synthetic, "version": float64(f.Version)}
	case *yizhan.FriendlyScene:
		values = map[string]any{"code": f.Code, "name": f.Name, "kind": string(f.Kind), "micro_grids": f.MicroGrids, "stations": f.Stations,
			"geometry": area(f.Boundary), "synthetic": f.Synthetic, "version": float64(f.Version)}
	case *yizhan.MicroGrid:
		values = map[string]any{"code": f.Code, "community": f.Community, "name": f.Name, "households": float64(f.Households), "zone": string(f.Zone),
			"status": string(f.Status), "geometry": area(f.Boundary), "synthetic": f.Synthetic, "version": float64(f.Version)}
	}
	value, known := values[name]
	if !known {
		panic("no property " + name)
	}
	return value
}

func evaluateCall(f yizhan.Feature, n *cql2.Call) any {
	args := make([]any, len(n.Args))
	for i, argument := range n.Args {
		if list, ok := argument.(*cql2.List); ok && n.Op == cql2.In {
			return evaluateIn(args[0], f, list)
		}
		args[i] = evaluate(f, argument)
	}
	switch n.Op {
	case cql2.IsNull:
		return args[0] == nil
	case cql2.And, cql2.Or:
		return evaluateLogic(n.Op == cql2.Or, args)
	case cql2.Between:
		return evaluateLogic(false, []any{order(cql2.GreaterEq, args[0], args[1]), order(cql2.LessEq, args[0], args[2])})
	}
	if slices.Contains(args, nil) {
		return nil
	}
	switch n.Op.Family() {
	case cql2.Logical:
		return !args[0].(bool)
	case cql2.Comparison:
		return order(n.Op, args[0], args[1])
	case cql2.Matching:
		return like(args[0].(string), args[1].(string))
	case cql2.Folding:
		if n.Op == cql2.CaseI {
			return strings.ToLower(args[0].(string))
		}
		return strings.NewReplacer("é", "e", "É", "E", "ü", "u", "Ü", "U").Replace(args[0].(string))
	case cql2.Arithmetic:
		return compute(n.Op, args[0].(float64), args[1].(float64))
	case cql2.Spatial:
		return relate(n.Op, args[0].(orb.Geometry), args[1].(orb.Geometry))
	case cql2.Temporal:
		return temporally(n.Op, args[0].(moment), args[1].(moment))
	case cql2.Array:
		return contain(n.Op, args[0].([]string), args[1].([]string))
	}
	panic(n.Op)
}

func evaluateIn(value any, f yizhan.Feature, list *cql2.List) any {
	var equals []any
	for _, item := range list.Items {
		equals = append(equals, order(cql2.Equal, value, evaluate(f, item)))
	}
	return evaluateLogic(true, equals)
}

// evaluateLogic is OR, or else AND, of true, false and null.
func evaluateLogic(or bool, args []any) any {
	if slices.Contains(args, any(or)) {
		return or
	}
	if slices.Contains(args, nil) {
		return nil
	}
	return !or
}

func order(op cql2.Op, a, b any) any {
	if a == nil || b == nil {
		return nil
	}
	var sign int
	switch a := a.(type) {
	case string:
		sign = strings.Compare(a, b.(string))
	case float64:
		sign = int(math.Copysign(1, a-b.(float64)))
		if a == b {
			sign = 0
		}
	case bool:
		if a != b {
			sign = 1
		}
	case moment:
		switch b := b.(moment); {
		case a.to.Before(b.from):
			sign = -1
		case a.from.After(b.to):
			sign = 1
		}
	}
	return map[cql2.Op]bool{cql2.Equal: sign == 0, cql2.NotEqual: sign != 0, cql2.Less: sign < 0, cql2.LessEq: sign <= 0,
		cql2.Greater: sign > 0, cql2.GreaterEq: sign >= 0}[op]
}

func like(text, pattern string) bool {
	var expression strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped || r != '%' && r != '_' && r != '\\':
			expression.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '%':
			expression.WriteString(".*")
		case r == '_':
			expression.WriteString(".")
		default:
			escaped = true
		}
	}
	return regexp.MustCompile("(?s)^" + expression.String() + "$").MatchString(text)
}

func compute(op cql2.Op, a, b float64) any {
	if b == 0 && (op == cql2.Divide || op == cql2.IntDivide || op == cql2.Modulo) {
		return nil
	}
	return map[cql2.Op]float64{cql2.Add: a + b, cql2.Subtract: a - b, cql2.Multiply: a * b, cql2.Divide: a / b,
		cql2.IntDivide: math.Trunc(a / b), cql2.Modulo: math.Mod(a, b), cql2.Power: math.Pow(a, b)}[op]
}

// relate knows a point with a box or a point, and an area with a point.
func relate(op cql2.Op, a, b orb.Geometry) any {
	point, ok := a.(orb.Point)
	if !ok {
		inside := planar.MultiPolygonContains(a.(orb.MultiPolygon), b.(orb.Point))
		return inside == (op != cql2.SDisjoint)
	}
	switch b := b.(type) {
	case orb.Point:
		return (point == b) == (op != cql2.SDisjoint)
	case orb.Bound:
		strictly := point[0] > b.Min[0] && point[0] < b.Max[0] && point[1] > b.Min[1] && point[1] < b.Max[1]
		switch op {
		case cql2.SWithin:
			return strictly
		case cql2.STouches:
			return b.Contains(point) && !strictly
		}
		return b.Contains(point) == (op != cql2.SDisjoint)
	}
	panic("not known to the oracle")
}

func temporally(op cql2.Op, a, b moment) bool {
	starts, ends := a.from.Compare(b.from), a.to.Compare(b.to)
	switch op {
	case cql2.TAfter:
		return a.from.After(b.to)
	case cql2.TBefore:
		return a.to.Before(b.from)
	case cql2.TContains:
		return starts < 0 && ends > 0
	case cql2.TDuring:
		return starts > 0 && ends < 0
	case cql2.TEquals:
		return starts == 0 && ends == 0
	case cql2.TFinishedBy:
		return starts < 0 && ends == 0
	case cql2.TFinishes:
		return starts > 0 && ends == 0
	case cql2.TStartedBy:
		return starts == 0 && ends > 0
	case cql2.TStarts:
		return starts == 0 && ends < 0
	case cql2.TMeets:
		return a.to.Equal(b.from)
	case cql2.TMetBy:
		return a.from.Equal(b.to)
	case cql2.TOverlaps:
		return starts < 0 && a.to.After(b.from) && ends < 0
	case cql2.TOverlappedBy:
		return starts > 0 && a.from.Before(b.to) && ends > 0
	}
	meets := !a.from.After(b.to) && !a.to.Before(b.from)
	return meets == (op == cql2.TIntersects)
}

func contain(op cql2.Op, a, b []string) bool {
	all := func(of, in []string) bool {
		return !slices.ContainsFunc(of, func(s string) bool { return !slices.Contains(in, s) })
	}
	switch op {
	case cql2.AContains:
		return all(b, a)
	case cql2.AContainedBy:
		return all(a, b)
	case cql2.AEquals:
		return all(a, b) && all(b, a)
	}
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
