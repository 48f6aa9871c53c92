package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
)

// filterShape is a geometry of a filter, with its place there.
type filterShape struct {
	place cql2.Place
	ewkb  []byte
}

// addWhere makes a filter into a condition: columns by our own list, values as arguments only.
func (t *table) addWhere(c *conditions, where cql2.Expr) error {
	if where == nil {
		return nil
	}
	types := yizhan.Queryables(t.collection)
	if err := cql2.Check(where, types); err != nil {
		return filterFault(err)
	}
	w := &whereWriter{conditions: c, types: types, columns: t.queryable}
	condition := w.expr(where)
	if w.err != nil {
		return w.err
	}
	c.clauses = append(c.clauses, condition)
	return nil
}

// addPeriod keeps features of the period, and those that are about no time.
func (t *table) addPeriod(c *conditions, during *yizhan.Period) {
	if during == nil || t.instant == "" {
		return
	}
	c.add(fmt.Sprintf(`(%[1]s IS NULL OR %[1]s >= coalesce(?, '-infinity'::timestamptz) AND %[1]s <= coalesce(?, 'infinity'::timestamptz))`, t.instant),
		timeToNil(during.Start), timeToNil(during.End))
}

func filterFault(err error) error {
	return yizhan.Invalid("filter", "%s", err.Error())
}

// blameFilter explains a value that the database could not compute: there is no arithmetic but a filter's.
func blameFilter(q yizhan.Query, err error) error {
	var ours *yizhan.Error
	if q.Where != nil && errors.As(err, &ours) && ours.Code == yizhan.CodeInvalid && ours.Field == "" {
		return because(yizhan.CodeInvalid, "filter", err, "computes a number that is out of range for a feature")
	}
	return err
}

// checkShapes says where a polygon of the filter crosses itself, about which PostGIS would only complain.
func (c *conditions) checkShapes(ctx context.Context, tx pgx.Tx) error {
	if len(c.shapes) == 0 {
		return nil
	}
	shapes := make([][]byte, len(c.shapes))
	for i, shape := range c.shapes {
		shapes[i] = shape.ewkb
	}
	var n int
	var reason string
	var lng, lat float64
	err := tx.QueryRow(ctx, `SELECT n, reason(detail), ST_X(location(detail)), ST_Y(location(detail))
		FROM (SELECT n, ST_IsValidDetail(shape) AS detail
			FROM unnest($1::geometry[]) WITH ORDINALITY AS given(shape, n) WHERE NOT ST_IsValid(shape)) invalid
		ORDER BY n LIMIT 1`, shapes).Scan(&n, &reason, &lng, &lat)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return filterFault(&cql2.Fault{Place: c.shapes[n-1].place, Message: fmt.Sprintf("the geometry is not valid: %s at [%g, %g]", reason, yizhan.Snap(lng), yizhan.Snap(lat))})
}

// whereWriter writes a checked filter as SQL. Three-valued logic is SQL's own, which CQL2 takes over.
type whereWriter struct {
	*conditions
	types   cql2.Types
	columns map[string]string
	err     error
}

func (w *whereWriter) fail(at cql2.Place, message string) string {
	if w.err == nil {
		w.err = filterFault(&cql2.Fault{Place: at, Message: message})
	}
	return "false"
}

func (w *whereWriter) expr(e cql2.Expr) string {
	switch n := e.(type) {
	case *cql2.Call:
		return w.call(n)
	case *cql2.Property:
		if column, known := w.columns[n.Name]; known {
			return column
		}
		return w.fail(n.Place, "is not a property that the store knows")
	case *cql2.Text:
		return w.bind(n.Value) + "::text"
	case *cql2.Number:
		return w.bind(n.Value) + "::float8"
	case *cql2.Bool:
		return fmt.Sprint(n.Value)
	case *cql2.List:
		return "ARRAY[" + strings.Join(w.exprs(n.Items), ", ") + "]::text[]"
	case *cql2.Shape:
		return w.shape(n)
	}
	return w.fail(e.At(), "is not expected here")
}

func (w *whereWriter) exprs(list []cql2.Expr) []string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = w.expr(e)
	}
	return texts
}

func (w *whereWriter) shape(n *cql2.Shape) string {
	data, err := encodeFilterShape(n.Geometry)
	if err != nil {
		return w.fail(n.Place, err.Error())
	}
	switch n.Geometry.(type) {
	case orb.Polygon, orb.MultiPolygon, orb.Collection:
		w.shapes = append(w.shapes, filterShape{n.Place, data})
	}
	return w.bind(data) + "::geometry"
}

// encodeFilterShape gives the EWKB of a geometry that is not stored, so it is not snapped either.
func encodeFilterShape(g orb.Geometry) ([]byte, error) {
	bound := g.Bound()
	if bound.Min[0] < -180 || bound.Max[0] > 180 || bound.Min[1] < -90 || bound.Max[1] > 90 {
		return nil, errors.New("the geometry is not on the globe; the order is lng, lat unless filter-crs says otherwise")
	}
	if box, ok := g.(orb.Bound); ok {
		return encodeBox(box.Min[0], box.Min[1], box.Max[0], box.Max[1])
	}
	return ewkb.Marshal(g, srid, binary.LittleEndian)
}

func (w *whereWriter) call(n *cql2.Call) string {
	switch n.Op.Family() {
	case cql2.Logical:
		return w.logical(n)
	case cql2.Comparison:
		return w.compare(n.Op, n.Args[0], n.Args[1])
	case cql2.Ranging:
		return "(" + w.compare(cql2.GreaterEq, n.Args[0], n.Args[1]) + " AND " + w.compare(cql2.LessEq, n.Args[0], n.Args[2]) + ")"
	case cql2.Listing:
		return w.listing(n)
	case cql2.Matching:
		return fmt.Sprintf(`(%s LIKE %s)`, w.expr(n.Args[0]), w.expr(n.Args[1]))
	case cql2.Nullness:
		return w.isNull(n.Args[0])
	case cql2.Folding:
		return w.folding(n)
	case cql2.Arithmetic:
		return w.arithmetic(n)
	case cql2.Spatial:
		return w.spatial(n)
	case cql2.Temporal:
		return w.temporal(n)
	case cql2.Array:
		return w.array(n)
	}
	return w.fail(n.Place, "is not an operator that the store knows")
}

func (w *whereWriter) logical(n *cql2.Call) string {
	if n.Op == cql2.Not {
		return "(NOT " + w.expr(n.Args[0]) + ")"
	}
	return "(" + strings.Join(w.exprs(n.Args), " "+strings.ToUpper(string(n.Op))+" ") + ")"
}

// is tells whether an expression, which was checked, is of a type.
func (w *whereWriter) is(e cql2.Expr, wanted cql2.Type) bool {
	t, err := w.types.TypeOf(e)
	return err == nil && t == wanted
}

// compare compares texts by their bytes, whatever the locale of the database.
func (w *whereWriter) compare(op cql2.Op, left, right cql2.Expr) string {
	if w.is(left, cql2.TypeTime) {
		return spell(compareRules[op], w.span(left), w.span(right))
	}
	a, b := w.expr(left), w.expr(right)
	if op != cql2.Equal && op != cql2.NotEqual && w.is(left, cql2.TypeText) {
		b += ` COLLATE "C"`
	}
	return "(" + a + " " + string(op) + " " + b + ")"
}

func (w *whereWriter) listing(n *cql2.Call) string {
	items := n.Args[1].(*cql2.List).Items
	if !w.is(n.Args[0], cql2.TypeTime) {
		return fmt.Sprintf("(%s IN (%s))", w.expr(n.Args[0]), strings.Join(w.exprs(items), ", "))
	}
	equals := make([]string, len(items))
	for i, item := range items {
		equals[i] = w.compare(cql2.Equal, n.Args[0], item)
	}
	return "(" + strings.Join(equals, " OR ") + ")"
}

func (w *whereWriter) isNull(e cql2.Expr) string {
	if w.is(e, cql2.TypeTime) {
		s := w.span(e)
		return fmt.Sprintf("(%s IS NULL OR %s IS NULL)", s.start(), s.end())
	}
	return "(" + w.expr(e) + " IS NULL)"
}

// folding takes accents away as marks of the decomposed text. Case is that of the database's locale.
func (w *whereWriter) folding(n *cql2.Call) string {
	text := w.expr(n.Args[0])
	if n.Op == cql2.CaseI {
		return "lower(" + text + ")"
	}
	return `regexp_replace(normalize(` + text + `, NFD), U&'[\0300-\036F]', '', 'g')`
}

// arithmetic divides by zero to null, as which row is computed first is not ours to say.
func (w *whereWriter) arithmetic(n *cql2.Call) string {
	a, b := w.expr(n.Args[0]), w.expr(n.Args[1])
	switch n.Op {
	case cql2.Divide:
		return fmt.Sprintf("(%s / NULLIF(%s, 0))", a, b)
	case cql2.IntDivide:
		return fmt.Sprintf("trunc(%s / NULLIF(%s, 0))", a, b)
	case cql2.Modulo:
		return fmt.Sprintf("mod(%s::numeric, NULLIF(%s, 0)::numeric)::float8", a, b)
	case cql2.Power:
		return fmt.Sprintf("power(%s, %s)", a, b)
	}
	return "(" + a + " " + string(n.Op) + " " + b + ")"
}

var spatialFunctions = map[cql2.Op]string{
	cql2.SIntersects: "ST_Intersects", cql2.SDisjoint: "NOT ST_Intersects", cql2.SEquals: "ST_Equals", cql2.STouches: "ST_Touches",
	cql2.SWithin: "ST_Within", cql2.SOverlaps: "ST_Overlaps", cql2.SCrosses: "ST_Crosses", cql2.SContains: "ST_Contains",
}

func (w *whereWriter) spatial(n *cql2.Call) string {
	return fmt.Sprintf("(%s(%s, %s))", spatialFunctions[n.Op], w.expr(n.Args[0]), w.expr(n.Args[1]))
}

var arrayOperators = map[cql2.Op]string{cql2.AContains: "@>", cql2.AContainedBy: "<@", cql2.AOverlaps: "&&"}

func (w *whereWriter) array(n *cql2.Call) string {
	a, b := w.expr(n.Args[0]), w.expr(n.Args[1])
	if n.Op == cql2.AEquals { // as sets: the lists of a feature have no order
		return fmt.Sprintf("(%[1]s @> %[2]s AND %[1]s <@ %[2]s)", a, b)
	}
	return "(" + a + " " + arrayOperators[n.Op] + " " + b + ")"
}

// span is a time: from start to end, which are the same for an instant. Each writes itself as SQL where it
// is needed, as an argument that nothing asks for is refused.
type span struct{ start, end func() string }

func (w *whereWriter) span(e cql2.Expr) span {
	switch n := e.(type) {
	case *cql2.Instant:
		start := func() string { return w.bind(n.Time) + "::timestamptz" }
		if !n.Day {
			return span{start, start}
		}
		return span{start, func() string { return w.bind(n.Time.AddDate(0, 0, 1).Add(-time.Microsecond)) + "::timestamptz" }}
	case *cql2.Interval:
		s := span{func() string { return "'-infinity'::timestamptz" }, func() string { return "'infinity'::timestamptz" }}
		if n.Start != nil {
			s.start = w.span(n.Start).start
		}
		if n.End != nil {
			s.end = w.span(n.End).end
		}
		return s
	}
	value := func() string { return w.expr(e) }
	return span{value, value}
}

// compareRules compare instants with days: one is in another, or before or after all of it. The ends of
// the left and the right side are a1, a2, b1 and b2.
var compareRules = map[cql2.Op]string{
	cql2.Less: "a2 < b1", cql2.LessEq: "a1 <= b2", cql2.Greater: "a1 > b2", cql2.GreaterEq: "a2 >= b1",
	cql2.Equal: "a1 <= b2 AND a2 >= b1", cql2.NotEqual: "a2 < b1 OR a1 > b2",
}

// temporalRules are the relations of Allen.
var temporalRules = map[cql2.Op]string{
	cql2.TAfter: "a1 > b2", cql2.TBefore: "a2 < b1", cql2.TContains: "a1 < b1 AND a2 > b2", cql2.TDisjoint: "a2 < b1 OR a1 > b2",
	cql2.TDuring: "a1 > b1 AND a2 < b2", cql2.TEquals: "a1 = b1 AND a2 = b2", cql2.TFinishedBy: "a1 < b1 AND a2 = b2",
	cql2.TFinishes: "a1 > b1 AND a2 = b2", cql2.TIntersects: "a1 <= b2 AND a2 >= b1", cql2.TMeets: "a2 = b1", cql2.TMetBy: "a1 = b2",
	cql2.TOverlappedBy: "a1 > b1 AND a1 < b2 AND a2 > b2", cql2.TOverlaps: "a1 < b1 AND a2 > b1 AND a2 < b2",
	cql2.TStartedBy: "a1 = b1 AND a2 > b2", cql2.TStarts: "a1 = b1 AND a2 < b2",
}

func (w *whereWriter) temporal(n *cql2.Call) string {
	return spell(temporalRules[n.Op], w.span(n.Args[0]), w.span(n.Args[1]))
}

// spell writes the ends of two times into a rule.
func spell(rule string, a, b span) string {
	ends := map[string]func() string{"a1": a.start, "a2": a.end, "b1": b.start, "b2": b.end}
	words := strings.Fields(rule)
	for i, word := range words {
		if end, is := ends[word]; is {
			words[i] = end()
		}
	}
	return "(" + strings.Join(words, " ") + ")"
}
