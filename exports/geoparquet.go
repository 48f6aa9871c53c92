package exports

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

const (
	geometryColumn = "geometry"
	boxColumn      = "bbox"
	rowGroup       = 20_000 // rows that are kept in memory until they are written
	rowBatch       = 256
)

// WriteGeoParquet writes a table as GeoParquet 1.1: after the table's own columns a geometry as WKB, which is
// the polygon of the row's H3 cell, its point or its area, and its bounding box, by which readers skip what
// they do not want. The metadata names the reference. Cells are unsigned 64-bit integers, as DuckDB's h3 and others take them; a point that is
// not the geometry takes two columns. About stands in the file's metadata under yizhan:about.
func WriteGeoParquet(w io.Writer, t Table) error {
	if err := t.check(); err != nil {
		return err
	}
	source, err := t.geometrySource()
	if err != nil {
		return err
	}
	about, err := json.Marshal(aboutOf(t))
	if err != nil {
		return fmt.Errorf("exports: %w", err)
	}
	out := parquet.NewGenericWriter[any](w, parquet.NewSchema("yizhan", parquetSchema(t, source)), parquet.Compression(&zstd.Codec{}),
		parquet.DataPageVersion(1), // read by everything
		parquet.MaxRowsPerRowGroup(rowGroup), parquet.CreatedBy("yizhan", "1", "0"), parquet.SkipPageBounds(geometryColumn))
	p := parquetRows{table: &t, source: source, out: out}
	if err := p.write(); err != nil {
		return err
	}
	geo, err := json.Marshal(t.geoMetadata(t.Columns[source].Type, p.bound))
	if err != nil {
		return fmt.Errorf("exports: %w", err)
	}
	out.SetKeyValueMetadata("geo", string(geo))
	out.SetKeyValueMetadata("yizhan:about", string(about))
	if err := out.Close(); err != nil {
		return fmt.Errorf("exports: write Parquet: %w", err)
	}
	return nil
}

// geometrySource is the index of the column that the geometry is made from.
func (t *Table) geometrySource() (int, error) {
	for _, c := range t.Columns {
		if c.Type != AreaType && !c.Bare && (c.Name == geometryColumn || c.Name == boxColumn) {
			return 0, fmt.Errorf("exports: the name %s is taken by the geometry", c.Name)
		}
	}
	for i, c := range t.Columns {
		spatial := c.Type == AreaType || !c.Nullable && (c.Type == CellType || c.Type == PointType)
		if spatial && (t.Geometry == "" || c.Name == t.Geometry) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("exports: no column of areas, or of cells or points that is never null, for the geometry")
}

// aboutOf is a list, to keep the order.
func aboutOf(t Table) any {
	type column struct {
		Name        string `json:"name"`
		Title       string `json:"title,omitempty"`
		Unit        string `json:"unit,omitempty"`
		Description string `json:"description,omitempty"`
	}
	type fact struct {
		Label string `json:"label"`
		Text  string `json:"text"`
	}
	about := struct {
		Name    string   `json:"name"`
		Facts   []fact   `json:"facts"`
		Columns []column `json:"columns"`
	}{Name: t.Name, Facts: []fact{}}
	for _, f := range append([]Fact{t.referenceFact()}, t.About...) {
		about.Facts = append(about.Facts, fact(f))
	}
	for _, c := range t.Columns {
		about.Columns = append(about.Columns, column{c.Name, c.Title, c.Unit, c.Description})
	}
	return about
}

// geoFile is the metadata of GeoParquet 1.1 under the key geo.
type geoFile struct {
	Version       string                 `json:"version"`
	PrimaryColumn string                 `json:"primary_column"`
	Columns       map[string]geoGeometry `json:"columns"`
}

// geoGeometry describes a column of geometry. Without a crs it is OGC:CRS84, which is WGS84 as lng, lat; a
// null says that no standard knows it, as with GCJ-02, of which About tells.
type geoGeometry struct {
	Encoding      string          `json:"encoding"`
	GeometryTypes []string        `json:"geometry_types"`
	CRS           json.RawMessage `json:"crs,omitempty"`
	Orientation   string          `json:"orientation,omitempty"`
	Edges         string          `json:"edges"`
	BBox          *[4]float64     `json:"bbox,omitempty"` // none without rows
	Covering      geoCovering     `json:"covering"`
}

type geoCovering struct {
	BBox map[string][2]string `json:"bbox"`
}

func (t *Table) geoMetadata(source Type, bound orb.Bound) geoFile {
	g := geoGeometry{Encoding: "WKB", GeometryTypes: []string{"Point"}, CRS: t.projJSON(), Edges: "planar", Covering: geoCovering{map[string][2]string{}}}
	switch source {
	case CellType:
		g.GeometryTypes, g.Orientation = []string{"Polygon"}, "counterclockwise"
	case AreaType:
		g.GeometryTypes, g.Orientation = []string{"MultiPolygon"}, "counterclockwise"
	}
	if !bound.IsEmpty() {
		g.BBox = &[4]float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]}
	}
	for _, side := range boxSides {
		g.Covering.BBox[side] = [2]string{boxColumn, side}
	}
	return geoFile{Version: "1.1.0", PrimaryColumn: geometryColumn, Columns: map[string]geoGeometry{geometryColumn: g}}
}

var boxSides = []string{"xmin", "ymin", "xmax", "ymax"}

// group is a group of columns in an order of its own; parquet.Group sorts them by name.
type group struct {
	parquet.Group
	order []string
}

func newGroup() *group { return &group{Group: parquet.Group{}} }

func (g *group) add(name string, node parquet.Node) {
	g.Group[name] = node
	g.order = append(g.order, name)
}

// Fields gives the columns in the order in which they were added.
func (g *group) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, field := range g.Group.Fields() {
		byName[field.Name()] = field
	}
	fields := make([]parquet.Field, len(g.order))
	for i, name := range g.order {
		fields[i] = byName[name]
	}
	return fields
}

// GoType is a struct with a field for each column, in order; nothing here is read through it.
func (g *group) GoType() reflect.Type {
	var fields []reflect.StructField
	for i, field := range g.Fields() {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: field.GoType(),
			Tag: reflect.StructTag(fmt.Sprintf("parquet:%q", field.Name()))})
	}
	return reflect.StructOf(fields)
}

func parquetSchema(t Table, source int) parquet.Node {
	columns := newGroup()
	for i, c := range t.Columns {
		switch {
		case c.Type == AreaType: // the geometry, which comes last
		case c.Type == PointType && i == source && c.Bare: // as well
		case c.Type == PointType:
			columns.add(c.Name+"_lng", leaf(c))
			columns.add(c.Name+"_lat", leaf(c))
		default:
			columns.add(c.Name, leaf(c))
		}
	}
	columns.add(geometryColumn, t.maybe(source, parquet.Encoded(parquet.Leaf(parquet.ByteArrayType), &parquet.Plain))) // any reader takes it
	box := newGroup()
	for _, side := range boxSides {
		box.add(side, parquet.Leaf(parquet.DoubleType))
	}
	columns.add(boxColumn, t.maybe(source, box))
	return columns
}

// maybe makes what is made from a column as optional as the column.
func (t *Table) maybe(source int, node parquet.Node) parquet.Node {
	if t.Columns[source].Nullable {
		return parquet.Optional(node)
	}
	return node
}

func leaf(c Column) parquet.Node {
	var node parquet.Node
	switch c.Type {
	case TextType:
		node = parquet.Encoded(parquet.String(), &parquet.RLEDictionary) // names of units come again and again
	case IntType:
		node = parquet.Int(64)
	case BoolType:
		node = parquet.Leaf(parquet.BooleanType)
	case CellType:
		node = parquet.Uint(64)
	default:
		node = parquet.Leaf(parquet.DoubleType)
	}
	if c.Nullable {
		return parquet.Optional(node)
	}
	return node
}

// parquetRows turns rows of a table into rows of a Parquet file.
type parquetRows struct {
	table  *Table
	source int // the column of the geometry
	out    *parquet.GenericWriter[any]
	batch  []parquet.Row
	bound  orb.Bound // of all geometries
}

func (p *parquetRows) write() error {
	p.bound = orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}} // empty
	err := p.table.each(func(_ int, row []Value) error {
		next, err := p.row(row)
		if err != nil {
			return err
		}
		if p.batch = append(p.batch, next); len(p.batch) < rowBatch {
			return nil
		}
		return p.flush()
	})
	if err != nil {
		return err
	}
	return p.flush()
}

func (p *parquetRows) flush() error {
	if _, err := p.out.WriteRows(p.batch); err != nil {
		return fmt.Errorf("exports: write Parquet: %w", err)
	}
	p.batch = p.batch[:0]
	return nil
}

func (p *parquetRows) row(row []Value) (parquet.Row, error) {
	next := make(parquet.Row, 0, len(row)+6)
	put := func(v parquet.Value, definition int) {
		next = append(next, v.Level(0, definition, len(next)))
	}
	for i, v := range row {
		present := 0
		if p.table.Columns[i].Nullable && v.known {
			present = 1
		}
		for _, value := range p.values(i, v) {
			put(value, present)
		}
	}
	return next, p.geometry(row[p.source], put)
}

// geometry puts the geometry and its box.
func (p *parquetRows) geometry(v Value, put func(parquet.Value, int)) error {
	present := 0
	if p.table.Columns[p.source].Nullable {
		present = 1
	}
	if !v.known {
		for range 1 + len(boxSides) {
			put(parquet.NullValue(), 0)
		}
		return nil
	}
	shape := p.table.moved(v)
	bytes, err := wkb.Marshal(shape, binary.LittleEndian)
	if err != nil {
		return err
	}
	put(parquet.ByteArrayValue(bytes), present)
	b := shape.Bound()
	if p.bound.IsEmpty() {
		p.bound = b
	}
	p.bound = p.bound.Union(b)
	for _, side := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		put(parquet.DoubleValue(side), present)
	}
	return nil
}

// values are those of a column; none of one that is only in the geometry.
func (p *parquetRows) values(i int, v Value) []parquet.Value {
	c := p.table.Columns[i]
	if c.Type == AreaType || c.Type == PointType && i == p.source && c.Bare {
		return nil
	}
	if c.Type == PointType && v.known {
		v.point = p.table.Reference.FromWGS84(v.point)
	}
	return parquetValues(c.Type, v)
}

func parquetValues(of Type, v Value) []parquet.Value {
	switch {
	case of == PointType && !v.known:
		return []parquet.Value{parquet.NullValue(), parquet.NullValue()}
	case !v.known:
		return []parquet.Value{parquet.NullValue()}
	case of == PointType:
		return []parquet.Value{parquet.DoubleValue(v.point[0]), parquet.DoubleValue(v.point[1])}
	case of == TextType:
		return []parquet.Value{parquet.ByteArrayValue([]byte(v.text))}
	case of == BoolType:
		return []parquet.Value{parquet.BooleanValue(v.bool())}
	case of == FloatType:
		return []parquet.Value{parquet.DoubleValue(v.float())}
	}
	return []parquet.Value{parquet.Int64Value(int64(v.number))} // also the bits of an unsigned one
}
