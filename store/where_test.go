package store_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/store"
)

func mustFilter(t *testing.T, text string) cql2.Expr {
	t.Helper()
	e, err := cql2.ParseText(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return e
}

func TestWhere(t *testing.T) {
	s, _ := openFixture(t)
	first, second := "150702-0001", "150702-0002"
	stations := func(text string, want ...string) {
		t.Helper()
		checkFound(t, s, yizhan.Stations, text, want...)
	}
	stations(`name LIKE '驿站%' AND capacity >= 12`, first, second)
	stations(`confirmed_at IS NULL`, second)
	stations(`confirmed_at = DATE('2026-05-01')`, first)
	stations(`confirmed_at < DATE('2026-05-01')`)
	stations(`NOT confirmed_at = DATE('2026-05-01')`) // null is not true
	stations(`confirmed_at > TIMESTAMP('2026-05-01T02:03:04.000004Z')`, first)
	stations(`confirmed_at > TIMESTAMP('2026-05-01T02:03:04.000005Z')`)
	stations(`T_DURING(confirmed_at, INTERVAL('2026-05-01', '..'))`, first)
	stations(`micro_grid = ''`, second)
	stations(`micro_grid IS NULL`)
	stations(`A_CONTAINS(services, ('water'))`, first)
	stations(`A_OVERLAPS(services, ('charging'))`) // broken
	stations(`A_EQUALS(services, ())`, second)
	stations(`services IS NULL`)
	stations(`capacity / 0 = 1`)
	stations(`capacity / 0 IS NULL`, first, second)
	stations(`capacity % 5 = 2 AND capacity div 5 = 2 AND capacity ^ 2 = 144`, first, second)
	stations(`CASEI(name) LIKE CASEI('驿站150702-%1')`, first)
	stations(`ACCENTI('É') = 'E'`, first, second)
	stations(`name LIKE '驿站\%'`)
	stations(`community = code`)
	stations(`S_INTERSECTS(geometry, BBOX(119,49,119.01,49.01))`, first)
	stations(`S_WITHIN(geometry, POLYGON((119 49,119.01 49,119.01 49.01,119 49.01,119 49)))`, first)
	stations(`S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(119.005 49.005)))`, second)
	checkFound(t, s, yizhan.MicroGrids, `S_INTERSECTS(geometry, LINESTRING(119.005 49.005, 119.005 49.015))`, west+"001", west+"003")
	checkFound(t, s, yizhan.FriendlyScenes, `S_CONTAINS(geometry, POINT(119.005 49.005)) AND A_CONTAINS(stations, ('150702-0001'))`, "SCENE-1")
	checkFound(t, s, yizhan.Units, `parent = '' OR seat IS NOT NULL`, city)
}

func checkFound(t *testing.T, s *store.Store, c yizhan.Collection, text string, want ...string) {
	t.Helper()
	got := find(t, s, yizhan.Query{Collection: c, Where: mustFilter(t, text)})
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s finds %v, not %v", text, got, want)
	}
}

func TestWhereFaults(t *testing.T) {
	s, _ := openFixture(t)
	for _, test := range []struct{ text, want string }{
		{`colour = 'red'`, `there is no property "colour" to filter by; there are address, approximate`},
		{`capacity = 'x'`, "character 12: this is text; = with the property capacity, a number"},
		{`S_INTERSECTS(geometry, POLYGON((0 0,2 2,2 0,0 2,0 0)))`, "character 24: the geometry is not valid: Self-intersection at [1, 1]"},
		{`S_INTERSECTS(geometry, POINT(49 119))`, "is not on the globe"},
		{`capacity * 1e300 * 1e300 = 1`, "out of range"},
		{`(0 - capacity) ^ 0.5 = 1`, "out of range"},
	} {
		_, err := s.Find(t.Context(), yizhan.Query{Collection: yizhan.Stations, Limit: 10, Where: mustFilter(t, test.text)})
		if yizhan.CodeOf(err) != yizhan.CodeInvalid || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "filter: ") {
			t.Errorf("%s: %v", test.text, err)
		}
	}
}

func TestPeriod(t *testing.T) {
	s, _ := openFixture(t)
	confirmed := time.Date(2026, 5, 1, 2, 3, 4, 5000, time.UTC)
	for _, test := range []struct {
		during yizhan.Period
		want   int
	}{
		{yizhan.Period{}, 2}, {yizhan.Period{Start: confirmed, End: confirmed}, 2}, {yizhan.Period{Start: confirmed.Add(time.Microsecond)}, 1},
		{yizhan.Period{End: confirmed.Add(-time.Microsecond)}, 1},
	} {
		if got := find(t, s, yizhan.Query{Collection: yizhan.Stations, During: &test.during}); len(got) != test.want {
			t.Errorf("%v: %v", test.during, got)
		}
		if got := find(t, s, yizhan.Query{Collection: yizhan.Units, During: &test.during}); len(got) != 5 {
			t.Errorf("%v: %v", test.during, got)
		}
	}
}

// TestEveryQueryableIsKnownToTheStore asks for each property of each collection.
func TestEveryQueryableIsKnownToTheStore(t *testing.T) {
	s, _ := openFixture(t)
	for _, c := range yizhan.PublicCollections() {
		for name := range yizhan.Queryables(c) {
			find(t, s, yizhan.Query{Collection: c, Where: mustFilter(t, name+" IS NULL")})
		}
	}
}

// TestWhereAgreesWithTheOracle asks for the demo city by filters made at random, of PostGIS and of an
// evaluator that shares no code with the SQL.
func TestWhereAgreesWithTheOracle(t *testing.T) {
	made, err := demo.Generate(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t)
	if _, err := s.Apply(t.Context(), made.Changeset()); err != nil {
		t.Fatal(err)
	}
	const part = "150702001" // of the micro-grids
	for _, test := range []struct {
		collection yizhan.Collection
		unit       string
	}{{yizhan.Stations, ""}, {yizhan.Units, ""}, {yizhan.FriendlyScenes, ""}, {yizhan.MicroGrids, part}} {
		page, err := s.Find(t.Context(), yizhan.Query{Collection: test.collection, Unit: test.unit, Limit: yizhan.MaxLimit})
		if err != nil || page.More || len(page.Features) < 5 {
			t.Fatalf("%s: %d features, %v", test.collection, len(page.Features), err)
		}
		random := rand.New(rand.NewPCG(5, uint64(len(page.Features))))
		g := &generator{random, page.Features, yizhan.Queryables(test.collection)}
		some := 0
		for range 200 {
			where := g.condition(4)
			if err := cql2.Check(where, g.types); err != nil {
				t.Fatalf("%s: %v", cql2.String(where), err)
			}
			var want []string
			for _, f := range page.Features {
				if evaluate(f, where) == true {
					want = append(want, f.Ref().Code)
				}
			}
			got := find(t, s, yizhan.Query{Collection: test.collection, Unit: test.unit, Where: where, Limit: yizhan.MaxLimit, SkipGeometry: true})
			if !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Fatalf("%s: %s\nfinds %d features: %.300v\nand not %d: %.300v", test.collection, cql2.String(where), len(got), got, len(want), want)
			}
			if len(want) > 0 && len(want) < len(page.Features) {
				some++
			}
		}
		t.Logf("%s: %d of 200 filters part the %d features", test.collection, some, len(page.Features))
		if some < 25 {
			t.Errorf("%s: only %d filters part the features", test.collection, some)
		}
	}
}

// generator makes filters whose values are those of features, so that they find some.
type generator struct {
	*rand.Rand
	features []yizhan.Feature
	types    cql2.Types
}

func pick[E any](g *generator, list ...E) E { return list[g.IntN(len(list))] }

// property picks one of a type; nil if there is none.
func (g *generator) property(of cql2.Type) *cql2.Property {
	var names []string
	for name, t := range g.types {
		if t == of {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return &cql2.Property{Name: pick(g, names...)}
}

func (g *generator) sample(p *cql2.Property) any { return propertyOf(pick(g, g.features...), p.Name) }

func call(op cql2.Op, args ...cql2.Expr) cql2.Expr { return &cql2.Call{Op: op, Args: args} }

func (g *generator) condition(depth int) cql2.Expr {
	if depth > 0 && g.IntN(2) == 0 {
		switch g.IntN(3) {
		case 0:
			return call(cql2.Not, g.condition(depth-1))
		case 1:
			return call(cql2.And, g.condition(depth-1), g.condition(depth-1))
		}
		return call(cql2.Or, g.condition(depth-1), g.condition(depth-1), g.condition(depth-1))
	}
	kinds := []func() cql2.Expr{g.textual, g.textual, g.numeric, g.truth, g.spatial, g.nullness}
	if g.property(cql2.TypeTime) != nil {
		kinds = append(kinds, g.temporal, g.temporal)
	}
	if g.property(cql2.TypeTexts) != nil {
		kinds = append(kinds, g.array, g.array)
	}
	return pick(g, kinds...)()
}

func (g *generator) comparison() cql2.Op {
	return pick(g, cql2.Equal, cql2.NotEqual, cql2.Less, cql2.LessEq, cql2.Greater, cql2.GreaterEq)
}

func (g *generator) folded(e cql2.Expr) cql2.Expr {
	switch g.IntN(4) {
	case 0:
		return call(cql2.CaseI, e)
	case 1:
		return call(cql2.AccentI, e)
	}
	return e
}

func (g *generator) textual() cql2.Expr {
	p := g.property(cql2.TypeText)
	text := func() cql2.Expr { return &cql2.Text{Value: pick(g, g.sample(p).(string), "é", "Ü", "", "路")} }
	switch g.IntN(5) {
	case 0:
		runes := []rune(g.sample(p).(string))
		pattern := "%"
		for i, r := range runes {
			switch {
			case g.IntN(3) == 0:
				pattern += "_"
			case i > 6:
				pattern += "%"
				return call(cql2.Like, g.folded(p), &cql2.Text{Value: pattern})
			default:
				pattern += string(r)
			}
		}
		return call(cql2.Like, p, &cql2.Text{Value: pattern})
	case 1:
		return call(cql2.In, g.folded(p), &cql2.List{Items: []cql2.Expr{text(), g.folded(text()), text()}})
	case 2:
		return call(cql2.Between, p, text(), text())
	case 3:
		return call(g.comparison(), p, g.property(cql2.TypeText))
	}
	return call(g.comparison(), g.folded(p), g.folded(text()))
}

func (g *generator) number(depth int) cql2.Expr {
	p := g.property(cql2.TypeNumber)
	switch {
	case depth > 0 && g.IntN(2) == 0:
		op := pick(g, cql2.Add, cql2.Subtract, cql2.Multiply, cql2.Divide, cql2.Modulo, cql2.IntDivide)
		return call(op, g.number(0), g.number(depth-1))
	case depth > 0 && g.IntN(4) == 0:
		return call(cql2.Power, p, &cql2.Number{Value: 2})
	case g.IntN(2) == 0:
		return p
	}
	return &cql2.Number{Value: pick(g, g.sample(p).(float64), 0, 1, -3, 7)}
}

func (g *generator) numeric() cql2.Expr {
	if g.IntN(4) == 0 {
		return call(cql2.Between, g.number(2), g.number(0), g.number(1))
	}
	return call(g.comparison(), g.number(2), g.number(1))
}

func (g *generator) truth() cql2.Expr {
	p := g.property(cql2.TypeTruth)
	return pick(g, cql2.Expr(p), call(pick(g, cql2.Equal, cql2.NotEqual), p, &cql2.Bool{Value: g.IntN(2) == 0}))
}

func (g *generator) nullness() cql2.Expr {
	t := pick(g, cql2.TypeShape, cql2.TypeTime, cql2.TypeText)
	if g.property(t) == nil {
		t = cql2.TypeText
	}
	return call(cql2.IsNull, g.property(t))
}

func (g *generator) spatial() cql2.Expr {
	p := g.property(cql2.TypeShape)
	var near orb.Point
	switch shape := g.sample(p).(type) {
	case nil:
		near = orb.Point{119.7, 49.2}
	case orb.Point:
		near = shape
	case orb.MultiPolygon:
		at := pick(g, shape[0][0]...)
		inside := orb.Point{at[0] + g.NormFloat64()*0.01, at[1] + g.NormFloat64()*0.01}
		return call(pick(g, cql2.SIntersects, cql2.SDisjoint, cql2.SContains), p, &cql2.Shape{Geometry: inside})
	}
	for _, f := range g.features { // a property that is an area for some needs an oracle for areas
		if _, area := propertyOf(f, p.Name).(orb.MultiPolygon); area {
			return call(cql2.SIntersects, p, &cql2.Shape{Geometry: near})
		}
	}
	if g.IntN(3) == 0 {
		return call(pick(g, cql2.SIntersects, cql2.SEquals, cql2.SDisjoint, cql2.SWithin), p, &cql2.Shape{Geometry: near})
	}
	width, height := g.Float64(), g.Float64()
	box := orb.Bound{Min: orb.Point{near[0] - width, near[1]}, Max: orb.Point{near[0] + width, near[1] + height}}
	return call(pick(g, cql2.SIntersects, cql2.SDisjoint, cql2.SWithin, cql2.STouches), p, &cql2.Shape{Geometry: box})
}

func (g *generator) instant() cql2.Expr {
	m, ok := g.sample(g.property(cql2.TypeTime)).(moment)
	if !ok {
		m.from = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if g.IntN(2) == 0 {
		return &cql2.Instant{Time: m.from.Truncate(24 * time.Hour), Day: true}
	}
	return &cql2.Instant{Time: m.from}
}

func (g *generator) interval() cql2.Expr {
	interval := &cql2.Interval{}
	switch g.IntN(4) {
	case 0:
		interval.Start = g.instant()
	case 1:
		interval.End = g.property(cql2.TypeTime)
	case 2:
		interval.End = g.instant()
	default:
		start := g.instant().(*cql2.Instant)
		interval.Start, interval.End = start, &cql2.Instant{Time: start.Time.AddDate(0, 2, 0)}
	}
	return interval
}

func (g *generator) temporal() cql2.Expr {
	p := g.property(cql2.TypeTime)
	switch g.IntN(4) {
	case 0:
		return call(g.comparison(), p, g.instant())
	case 1:
		return call(cql2.In, p, &cql2.List{Items: []cql2.Expr{g.instant(), g.instant()}})
	}
	ops := []cql2.Op{cql2.TAfter, cql2.TBefore, cql2.TContains, cql2.TDisjoint, cql2.TDuring, cql2.TEquals, cql2.TFinishedBy, cql2.TFinishes,
		cql2.TIntersects, cql2.TMeets, cql2.TMetBy, cql2.TOverlappedBy, cql2.TOverlaps, cql2.TStartedBy, cql2.TStarts}
	return call(pick(g, ops...), pick(g, cql2.Expr(p), g.interval()), pick(g, g.instant(), g.interval()))
}

func (g *generator) array() cql2.Expr {
	p := g.property(cql2.TypeTexts)
	list := &cql2.List{Items: []cql2.Expr{}}
	for _, value := range g.sample(p).([]string) {
		if len(list.Items) < 3 || g.IntN(2) == 0 {
			list.Items = append(list.Items, &cql2.Text{Value: value})
		}
	}
	return call(pick(g, cql2.AContains, cql2.AContainedBy, cql2.AEquals, cql2.AOverlaps), p, list)
}
