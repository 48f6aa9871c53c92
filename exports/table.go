package exports

import (
	"fmt"
	"iter"
	"math"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// Type is what a column holds.
type Type int

// The types. Cell is an H3 index; Point is a place in WGS84, lng and lat; Area is polygons in WGS84.
const (
	TextType Type = iota
	IntType
	FloatType
	BoolType
	CellType
	PointType
	AreaType
)

func (t Type) String() string {
	return [...]string{"text", "int", "float", "bool", "h3", "point", "area"}[t]
}

// Column describes one column.
type Column struct {
	Name        string // for programs: letters, digits and underscores
	Title       string // for people; Name if empty
	Type        Type
	Nullable    bool
	Unit        string   // of measurement; may be empty
	Description string   // may be empty
	Decimals    int      // of a float, as a spreadsheet shows it; the file has more
	Share       bool     // a float from 0 to 1 that a spreadsheet shows as per cent
	Bare        bool     // of a point: its two columns are lng and lat, without a name before them
	Choices     []string // what a cell may be, for a sheet that is to be filled in; nil for anything
	Derived     bool     // made from others for formats of figures: GeoJSON leaves it away
}

func (c Column) title() string {
	if c.Title == "" {
		return c.Name
	}
	return c.Title
}

// Fact is something to know about a table: its model, a parameter, the seq of its data, whom to name.
type Fact struct{ Label, Text string }

// Table is what is exported. Rows is run once; it may give the same slice with other values each time.
type Table struct {
	Name     string // for people: the sheet of a spreadsheet
	Columns  []Column
	Geometry string // the column, of cells, points or areas, that is the geometry of a row; the first such one if empty
	ID       string // the column that names a row; empty for none
	// Reference is what points and areas are written in; the zero one is WGS84. In Rows they are WGS84, and
	// cells always are.
	Reference geo.Reference
	About     []Fact
	Rows      iter.Seq2[[]Value, error]
}

// Value is one cell of a table. The zero Value is null.
type Value struct {
	of     Type
	known  bool
	text   string
	parts  []byte // of a text that GeoJSON writes as JSON; nil for one that is only text
	number uint64 // an int, the bits of a float, 1 for true, or an H3 index
	point  orb.Point
	area   orb.MultiPolygon
}

// Null is no value.
func Null() Value { return Value{} }

// Text is a value of a column of texts.
func Text(text string) Value { return Value{of: TextType, known: true, text: text} }

// Parts is a text for a cell of a table that stands for a list or more: formats that nest write the JSON.
func Parts(text string, json []byte) Value {
	return Value{of: TextType, known: true, text: text, parts: json}
}

// Int is a value of a column of whole numbers.
func Int(n int64) Value { return Value{of: IntType, known: true, number: uint64(n)} }

// Float is a value of a column of floats. It must be finite.
func Float(x float64) Value {
	return Value{of: FloatType, known: true, number: math.Float64bits(x + 0)} // no negative zero
}

// Bool is a value of a column of truths.
func Bool(is bool) Value {
	v := Value{of: BoolType, known: true}
	if is {
		v.number = 1
	}
	return v
}

// Cell is a value of a column of H3 cells.
func Cell(cell hex.Cell) Value { return Value{of: CellType, known: true, number: uint64(cell)} }

// Point is a value of a column of places.
func Point(p orb.Point) Value { return Value{of: PointType, known: true, point: p} }

// Area is a value of a column of areas. It is not written to.
func Area(shape orb.MultiPolygon) Value { return Value{of: AreaType, known: true, area: shape} }

// String is the text of a value of a column of texts; empty for others.
func (v Value) String() string { return v.text }

func (v Value) int() int64     { return int64(v.number) }
func (v Value) float() float64 { return math.Float64frombits(v.number) }
func (v Value) bool() bool     { return v.number != 0 }
func (v Value) cell() hex.Cell { return hex.Cell(v.number) }

// check tells what is wrong with the columns of a table.
func (t *Table) check() error {
	if len(t.Columns) == 0 {
		return fmt.Errorf("exports: a table without columns")
	}
	seen := map[string]bool{}
	for _, name := range t.flatNames() {
		if !isName(name) {
			return fmt.Errorf("exports: %q is not a name of a column", name)
		}
		if seen[name] {
			return fmt.Errorf("exports: two columns have the name %s", name)
		}
		seen[name] = true
	}
	return nil
}

// flatNames are the names of the columns, where a point takes two.
func (t *Table) flatNames() []string {
	var names []string
	for _, c := range t.Columns {
		switch {
		case c.Type == PointType && c.Bare:
			names = append(names, "lng", "lat")
		case c.Type == PointType:
			names = append(names, c.Name+"_lng", c.Name+"_lat")
		default:
			names = append(names, c.Name)
		}
	}
	return names
}

func isName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != "" && len(name) <= 63
}

// each gives every row to do, checked against the columns; n counts from 1.
func (t *Table) each(do func(n int, row []Value) error) error {
	n := 0
	for row, err := range t.Rows {
		n++
		if err == nil {
			err = t.checkRow(row)
		}
		if err == nil {
			err = do(n, row)
		}
		if err != nil {
			return fmt.Errorf("exports: row %d: %w", n, err)
		}
	}
	return nil
}

func (t *Table) checkRow(row []Value) error {
	if len(row) != len(t.Columns) {
		return fmt.Errorf("%d values for %d columns", len(row), len(t.Columns))
	}
	for i := range row {
		if err := t.Columns[i].check(row[i]); err != nil {
			return fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
		}
	}
	return nil
}

func (c *Column) check(v Value) error {
	switch {
	case !v.known && c.Nullable:
		return nil
	case !v.known:
		return fmt.Errorf("is null")
	case v.of != c.Type:
		return fmt.Errorf("is %s, not %s", v.of, c.Type)
	case v.of == TextType && !utf8.ValidString(v.text):
		return fmt.Errorf("is not UTF-8")
	case v.of == FloatType && !isFinite(v.float()):
		return fmt.Errorf("is not a finite number")
	case v.of == CellType && !v.cell().Valid():
		return fmt.Errorf("is not an H3 cell")
	case v.of == PointType && !onGlobe(v.point) || v.of == AreaType && !areaOnGlobe(v.area):
		return fmt.Errorf("is not on the globe")
	}
	return nil
}

func onGlobe(p orb.Point) bool { return math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90 }

func areaOnGlobe(area orb.MultiPolygon) bool {
	for _, polygon := range area {
		for _, ring := range polygon {
			for _, p := range ring {
				if !onGlobe(p) {
					return false
				}
			}
		}
	}
	return true
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
