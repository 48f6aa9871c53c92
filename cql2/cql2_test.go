package cql2_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/cql2"
)

var types = cql2.Types{
	"name": cql2.TypeText, "address": cql2.TypeText, "households": cql2.TypeNumber, "capacity": cql2.TypeNumber,
	"synthetic": cql2.TypeTruth, "at": cql2.TypeTime, "until": cql2.TypeTime, "geometry": cql2.TypeShape,
	"services": cql2.TypeTexts, "and": cql2.TypeNumber, "微网格": cql2.TypeText, "a b": cql2.TypeText,
}

// readings are filters as text, as the text that is written for them, and as JSON.
var readings = []struct{ text, written, json string }{
	{`name = 'x'`, ``, `{"op":"=","args":[{"property":"name"},"x"]}`},
	{`NAME='x'`, `NAME = 'x'`, `{"op":"=","args":[{"property":"NAME"},"x"]}`},
	{`"name" <> 'it''s'`, `name <> 'it''s'`, `{"op":"<>","args":[{"property":"name"},"it's"]}`},
	{`name <> 'it\'s'`, `name <> 'it''s'`, ``},
	{`"and" > 1`, ``, `{"op":">","args":[{"property":"and"},1]}`},
	{`"a b" = '驿站'`, ``, `{"op":"=","args":[{"property":"a b"},"驿站"]}`},
	{`微网格 = ''`, ``, ``},
	{`households >= 1.5e3`, `households >= 1500`, `{"op":">=","args":[{"property":"households"},1500]}`},
	{`households > -.5`, `households > -0.5`, ``},
	{`households between -1 and +30`, `households BETWEEN -1 AND 30`, `{"op":"between","args":[{"property":"households"},-1,30]}`},
	{`households not between 1 and 2`, `NOT households BETWEEN 1 AND 2`, `{"op":"not","args":[{"op":"between","args":[{"property":"households"},1,2]}]}`},
	{`name like '%驿_'`, `name LIKE '%驿_'`, `{"op":"like","args":[{"property":"name"},"%驿_"]}`},
	{`NOT NOT name NOT LIKE 'a'`, `NOT NOT NOT name LIKE 'a'`, ``},
	{`CASEI(name) LIKE casei('a%')`, `CASEI(name) LIKE CASEI('a%')`, `{"op":"like","args":[{"op":"casei","args":[{"property":"name"}]},{"op":"casei","args":["a%"]}]}`},
	{`accenti(casei(name)) = 'e'`, `ACCENTI(CASEI(name)) = 'e'`, ``},
	{`name in ('a','b')`, `name IN ('a', 'b')`, `{"op":"in","args":[{"property":"name"},["a","b"]]}`},
	{`households NOT IN (1)`, `NOT households IN (1)`, ``},
	{`name IS NULL`, ``, `{"op":"isNull","args":[{"property":"name"}]}`},
	{`geometry is not null`, `NOT geometry IS NULL`, ``},
	{`name='a' or name='b' and not name='c'`, `name = 'a' OR name = 'b' AND NOT name = 'c'`,
		`{"op":"or","args":[{"op":"=","args":[{"property":"name"},"a"]},{"op":"and","args":[{"op":"=","args":[{"property":"name"},"b"]},{"op":"not","args":[{"op":"=","args":[{"property":"name"},"c"]}]}]}]}`},
	{`(name='a' or name='b') and (name='c')`, `(name = 'a' OR name = 'b') AND name = 'c'`, ``},
	{`(name='a' and name='b') and name='c'`, `(name = 'a' AND name = 'b') AND name = 'c'`, ``},
	{`synthetic`, ``, `{"property":"synthetic"}`},
	{`synthetic = true and FALSE`, `synthetic = TRUE AND FALSE`, ``},
	{`households + 2 * capacity ^ 2 ^ 3 - 1 > (1 - 2) - (3 - 4)`, `households + 2 * capacity ^ 2 ^ 3 - 1 > 1 - 2 - (3 - 4)`, ``},
	{`(households + 2) * -3 div 2 % 5 / 4 = 1`, `(households + 2) * -3 DIV 2 % 5 / 4 = 1`, ``},
	{`(households ^ 2) ^ 3 = 1-1`, `(households ^ 2) ^ 3 = 1 - 1`, ``},
	{`households = capacity`, ``, ``},
	{`at > TIMESTAMP('2026-02-17T12:30:00.25Z')`, ``, `{"op":">","args":[{"property":"at"},{"timestamp":"2026-02-17T12:30:00.25Z"}]}`},
	{`at > TIMESTAMP('2026-02-17T12:30:00+08:00')`, `at > TIMESTAMP('2026-02-17T04:30:00Z')`, ``},
	{`at = DATE('2026-02-17')`, ``, `{"op":"=","args":[{"property":"at"},{"date":"2026-02-17"}]}`},
	{`T_DURING(at, INTERVAL('2026-01-01', '..'))`, ``, `{"op":"t_during","args":[{"property":"at"},{"interval":["2026-01-01",".."]}]}`},
	{`t_finishedby(interval(at, "until"), interval('..','2026-01-01T00:00:00Z'))`, `T_FINISHEDBY(INTERVAL(at, until), INTERVAL('..', '2026-01-01T00:00:00Z'))`,
		`{"op":"t_finishedBy","args":[{"interval":[{"property":"at"},{"property":"until"}]},{"interval":["..","2026-01-01T00:00:00Z"]}]}`},
	{`S_INTERSECTS(geometry, POINT(119.7 49.2))`, ``, `{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[119.7,49.2]}]}`},
	{`s_intersects(geometry,bbox(119,49,120,50))`, `S_INTERSECTS(geometry, BBOX(119,49,120,50))`, `{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[119,49,120,50]}]}`},
	{`s_intersects(geometry,bbox(119,49,-1,120,50,9))`, `S_INTERSECTS(geometry, BBOX(119,49,120,50))`, ``},
	{`S_WITHIN(POLYGON((0 0,1 0,1 1,0 0),(0.1 0.1,0.2 0.1,0.2 0.2,0.1 0.1)), geometry)`, ``, ``},
	{`S_CROSSES(geometry, LINESTRING Z(0 0 1, 1 -1 2))`, `S_CROSSES(geometry, LINESTRING(0 0,1 -1))`, ``},
	{`S_TOUCHES(geometry, MULTIPOINT((0 0), (1 1)))`, `S_TOUCHES(geometry, MULTIPOINT((0 0),(1 1)))`, ``},
	{`S_TOUCHES(geometry, MULTIPOINT(0 0, 1 1))`, `S_TOUCHES(geometry, MULTIPOINT((0 0),(1 1)))`, ``},
	{`S_EQUALS(geometry, MULTILINESTRING((0 0,1 1),(2 2,3 3)))`, ``, ``},
	{`S_CONTAINS(geometry, MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5))))`, ``, ``},
	{`S_DISJOINT(geometry, GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1)))`, ``,
		`{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[0,0],[1,1]]}]}]}`},
	{`A_CONTAINS(services, ('water', 'charging'))`, ``, `{"op":"a_contains","args":[{"property":"services"},["water","charging"]]}`},
	{`a_equals(['water'], services)`, `A_EQUALS(('water'), services)`, ``},
	{`A_OVERLAPS(services, ('water'))`, ``, ``},
	{`A_CONTAINEDBY(services, ())`, ``, `{"op":"a_containedBy","args":[{"property":"services"},[]]}`},
}

// bare takes the places out of a tree.
func bare(e cql2.Expr) any {
	switch n := e.(type) {
	case nil:
		return nil
	case *cql2.Call:
		return []any{n.Op, bares(n.Args)}
	case *cql2.List:
		return bares(n.Items)
	case *cql2.Interval:
		return []any{"interval", bare(n.Start), bare(n.End)}
	case *cql2.Property:
		return "property " + n.Name
	case *cql2.Text:
		return "text " + n.Value
	case *cql2.Number:
		return n.Value
	case *cql2.Bool:
		return n.Value
	case *cql2.Instant:
		return fmt.Sprint(n.Day, n.Time.Format(time.RFC3339Nano))
	case *cql2.Shape:
		return n.Geometry
	}
	panic(fmt.Sprintf("%T", e))
}

func bares(list []cql2.Expr) []any {
	items := []any{}
	for _, e := range list {
		items = append(items, bare(e))
	}
	return items
}

func same(a, b cql2.Expr) bool { return reflect.DeepEqual(bare(a), bare(b)) }

func TestReadings(t *testing.T) {
	for _, r := range readings {
		e, err := cql2.ParseText(r.text)
		if err != nil {
			t.Errorf("%s: %v", r.text, err)
			continue
		}
		want := r.written
		if want == "" {
			want = r.text
		}
		if got := cql2.String(e); got != want {
			t.Errorf("%s\nis written  %s\nand not     %s", r.text, got, want)
		}
		written := string(cql2.AppendJSON(nil, e))
		if r.json != "" && written != r.json {
			t.Errorf("%s\nis written  %s\nand not     %s", r.text, written, r.json)
		}
		checkBothWays(t, e)
		if !strings.Contains(r.text, "NAME") {
			if err := cql2.Check(e, types); err != nil {
				t.Errorf("%s: %v", r.text, err)
			}
		}
	}
}

// checkBothWays holds what is written to be read as the same again.
func checkBothWays(t *testing.T, e cql2.Expr) {
	t.Helper()
	text := cql2.String(e)
	if again, err := cql2.ParseText(text); err != nil || !same(e, again) {
		t.Errorf("%s is read as %v (%v)", text, again, err)
	}
	written := string(cql2.AppendJSON(nil, e))
	if !json.Valid([]byte(written)) {
		t.Errorf("%s is not JSON", written)
	}
	if again, err := cql2.ParseJSON(written); err != nil || !same(e, again) {
		t.Errorf("%s is read as %v (%v)", written, again, err)
	}
}

func TestFaultsInText(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "character 1: the filter ends where a property or a value is expected"},
		{"name =", "character 7: the filter ends where"},
		{"驿站 = = 1", `character 6: "=" is not expected here`},
		{"name = 'x", "character 8: the quote '\\'' is not closed"},
		{"name = 'x' 'y'", `character 12: "y" is not expected here, but the end, AND or OR`},
		{"name ! 1", "character 6: '!' is not expected here"},
		{"a; DROP TABLE x", "character 2: ';' is not expected here"},
		{"(name = 'x'", `character 12: the filter ends where ")" is expected`},
		{"households > 1e999", "character 14: the number 1e999 is out of range"},
		{"name NOT = 1", "character 10: \"=\" is not expected here, but LIKE, BETWEEN or IN"},
		{"name IS 1", `character 9: "1" is not expected here, but "null"`},
		{"name IN 'x'", "a list in parentheses"},
		{"at > DATE('2026-02-30')", "character 11: is neither a day"},
		{"at > TIMESTAMP('2026-02-17')", "is not a time such as"},
		{"T_AFTER(at, INTERVAL('2026-02-17','2026-02-16'))", "character 13: the interval ends before it begins"},
		{"S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1)))", "at least 4 positions"},
		{"S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 1)))", "not closed: it begins at [0, 0] and ends at [0, 1]"},
		{"S_INTERSECTS(geometry, LINESTRING(0 0))", "at least 2 positions"},
		{"S_INTERSECTS(geometry, BBOX(1,2,3))", "has four numbers"},
		{"S_INTERSECTS(geometry, BBOX(120,49,119,50))", "ends before it begins"},
		{"pg_sleep(1)", "character 1: there is no function pg_sleep"},
		{`name = 'x\'`, "is not closed"},
		{`name LIKE 'x\\'`, "is not closed"},
		{strings.Repeat("(", 40) + "synthetic" + strings.Repeat(")", 40), "character 33: is nested deeper than 32"},
		{strings.Repeat("NOT ", 40) + "synthetic", "is nested deeper than 32"},
		{"1" + strings.Repeat("+1", 40) + " = 1", "is nested deeper than 32"},
		{"1" + strings.Repeat("^1", 40) + " = 1", "is nested deeper than 32"},
		{"synthetic" + strings.Repeat(" OR synthetic", 600), "has more than 500 parts"},
		{strings.Repeat(" ", 17<<10), "has 17408 bytes; 16384 are allowed"},
		{"name = '\xff'", "is not UTF-8"},
		{"name = '\x00'", "zero character"},
	} {
		checkFault(t, test.text, test.want, cql2.ParseText)
	}
}

func checkFault(t *testing.T, text, want string, parse func(string) (cql2.Expr, error)) {
	t.Helper()
	e, err := parse(text)
	if err == nil {
		err = cql2.Check(e, types)
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%.100s gives %v, not %q", text, err, want)
	}
}

func TestFaultsInJSON(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{``, "character 1: the filter ends too early"},
		{`{"op":"=","args":[{"property":"name"},"x"]} x`, "character 45: 'x' is not expected after the end"},
		{`{"op":"=","args":[{"property":"name"}]}`, "/args: has 1 values; = takes 2"},
		{`{"op":"=","args":[{"property":"name"},null]}`, "/args/1: null is no value"},
		{`{"op":"sleep","args":[1]}`, `/op: there is no operator "sleep"`},
		{`{"op":["="],"args":[1]}`, `/op: is not a text`},
		{`{"op":"=","args":{}}`, `/args: is not a list`},
		{`{"op":"not","args":[{"op":"=","args":[{"property":"nam"},"x"]}]}`, `/args/0/args/0: there is no property "nam"`},
		{`{"op":"not","args":[{"op":"=","args":[{"property":"name"},1]}]}`, `/args/0/args/1: this is a number; = with the property name, text, takes text here`},
		{`{"op":"and","op":"or","args":[true,true]}`, "there already"},
		{`{"property":"name","x":1}`, "more members"},
		{`{"x":1}`, "is none of op, property"},
		{`["a"]`, "is a list of texts; a filter is a condition"},
		{`{"bbox":[1,2,"3",4]}`, "/bbox/2: is not a number"},
		{`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0]]]}]}`, "/args/1/coordinates/0/3: a position has two numbers"},
		{`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Circle"}]}`, `/args/1/type: "Circle" is not a type of geometry`},
		{`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point"}]}`, `/args/1/coordinates: is not a list`},
		{`{"op":"s_touches","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}]}`, "S_TOUCHES does not take a GEOMETRYCOLLECTION"},
		{`{"op":"s_disjoint","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[]}]}]}`, "is not a type of geometry here"},
		{strings.Repeat(`{"op":"not","args":[`, 40) + "true" + strings.Repeat("]}", 40), "is nested deeper than 32"},
		{strings.Repeat("[", 1000), "is nested too deeply"},
		{`{"op":"=","args":[1e999,1]}`, "/args/0: the number 1e999 is out of range"},
		{`{"op":"=","args":[01,1]}`, "does not begin a value"},
		{`{"op":"=","args":["\ud800","x"]}`, "surrogate"},
		{`{"op":"=","args":["a\q","x"]}`, "not a known escape"},
		{`{"op":"=","args":["a\u0000","x"]}`, "zero character"},
		{`{"op":"=","args":["a\\","x"]}`, "backslash"},
		{`{"property":""}`, "/property: the name of a property is empty"},
		{`{"property":"a\"b"}`, "holds a quote"},
		{`{"timestamp":"2026-02-17"}`, "/timestamp: is not a time such as"},
		{`{"op":"t_after","args":[{"property":"at"},{"interval":["2026-01-01"]}]}`, "a list of two times"},
		{`{"op":"like","args":[{"property":"name"},{"property":"address"}]}`, "/args/1: the pattern of LIKE is a text"},
	} {
		checkFault(t, test.text, test.want, cql2.ParseJSON)
	}
}

func TestTypesThatDoNotFit(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"name", "is text; a filter is a condition"},
		{"nothing = 1", `there is no property "nothing" to filter by; there are a b, address, and, at`},
		{"households = 'x'", "character 14: this is text; = with the property households, a number, takes a number here"},
		{"'x' = households", "the property households is a number"},
		{"name > 1", "takes text here"},
		{"synthetic > TRUE", "truth values have no order"},
		{"(name = 'x') = TRUE", "a condition is not compared"},
		{"synthetic BETWEEN TRUE AND FALSE", "BETWEEN compares numbers"},
		{"geometry = geometry", "does not compare geometries"},
		{"services = services", "does not compare lists"},
		{"name AND synthetic", "AND takes a truth value"},
		{"NOT name", "NOT takes a truth value"},
		{"CASEI(households) = 'x'", "CASEI takes text"},
		{"name + 1 = 2", "takes a number"},
		{"name LIKE address", "the pattern of LIKE is a text"},
		{"name LIKE '" + strings.Repeat("%a", 20) + "'", "20 percent signs; 16 are allowed"},
		{"name LIKE '" + strings.Repeat("a", 300) + "'", "300 characters; 256 are allowed"},
		{"households LIKE '1%'", "LIKE takes text"},
		{"households IN (1,'a')", "takes a number here"},
		{"households IN ()", "at least one value"},
		{"S_INTERSECTS(name, POINT(1 2))", "the property name is text; S_INTERSECTS takes a geometry"},
		{"T_AFTER(households, at)", "T_AFTER takes a time"},
		{"T_AFTER(INTERVAL(name, '..'), at)", "INTERVAL takes a time"},
		{"at > INTERVAL('2026-01-01','..')", "an interval is compared by T_DURING"},
		{"A_CONTAINS(services, (1))", "a list takes text"},
		{"A_CONTAINS(name, ('x'))", "A_CONTAINS takes a list of texts"},
	} {
		checkFault(t, test.text, test.want, cql2.ParseText)
	}
}

func TestMapReachesEveryLeaf(t *testing.T) {
	e, err := cql2.ParseText(`S_INTERSECTS(geometry, POINT(1 2)) AND name IN ('a', 'b')`)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	moved := cql2.Map(e, func(leaf cql2.Expr) cql2.Expr {
		seen++
		if shape, ok := leaf.(*cql2.Shape); ok {
			return &cql2.Shape{Geometry: orb.Point{shape.Geometry.(orb.Point)[1], shape.Geometry.(orb.Point)[0]}, Place: shape.Place}
		}
		return leaf
	})
	if got := cql2.String(moved); got != `S_INTERSECTS(geometry, POINT(2 1)) AND name IN ('a', 'b')` || seen != 5 {
		t.Errorf("%s after %d leaves", got, seen)
	}
	if got := cql2.String(e); !strings.Contains(got, "POINT(1 2)") {
		t.Errorf("the first tree became %s", got)
	}
}
