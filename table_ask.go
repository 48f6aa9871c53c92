package yizhan

// TableAsk says how to read a table that somebody sent. All that is left empty is found out.
type TableAsk struct {
	Sheet   string
	Header  *[2]int           // first and last row of the head, from 1; 0 and 0 for a table without
	Columns map[string]string // a role such as "code" or "value" to the letter of its column; "-" for none
	Level   Level             // of the units that the rows are about
	Unit    string            // only units of this one and below it; empty for all
	Datum   Datum             // of the coordinates of places
}

// Datum is the system that coordinates are in.
type Datum string

// The datums that places come in.
const (
	DatumWGS84 Datum = "wgs84"
	DatumGCJ02 Datum = "gcj02"
	DatumBD09  Datum = "bd09"
)

// Roles of the columns of a table.
const (
	ColumnCode   = "code"
	ColumnName   = "name"
	ColumnParent = "parent"
	ColumnValue  = "value"
	ColumnLng    = "lng"
	ColumnLat    = "lat"
	ColumnKind   = "kind"
	ColumnNote   = "note"
)

// TableReading is what a table turned out to be.
type TableReading struct {
	Format, Encoding, Sheet string
	Sheets                  []string
	Header                  [2]int
	Above                   []string // what is written over the head
	Columns                 []TableColumn
	Roles                   map[string]string // a role to the letter of its column
	Problems                []TableProblem
}

// TableColumn is a column of a table.
type TableColumn struct{ Letter, Name string }

// TableProblem is something wrong in a table.
type TableProblem struct {
	Row         int // as a spreadsheet shows it; 0 for the whole table
	Column, Why string
}

// RowMatch says how a row found its unit.
type RowMatch string

// How rows find units.
const (
	MatchCode       RowMatch = "code"
	MatchName       RowMatch = "name"    // the very name, one unit within the parent
	MatchSimilar    RowMatch = "similar" // the name without 街道, 镇 and the like
	MatchAmbiguous  RowMatch = "ambiguous"
	MatchUnknown    RowMatch = "unknown"
	MatchTotal      RowMatch = "total"       // 合计 and the like: a sum, not a unit
	MatchOtherLevel RowMatch = "other_level" // a unit, but not of the level asked about
	MatchRepeated   RowMatch = "repeated"    // a row above is of the same unit
)

// FigureRow is a row of a table of figures.
type FigureRow struct {
	Row                int
	Code, Name, Parent string // as they are written
	Text               string // the value as it is written
	Value              *float64
	Match              RowMatch
	Unit               string   // that it matched; of a repeated row, too
	Candidates         []string // codes of units that an ambiguous row may mean
}

// FigureTable is a table of figures about units.
type FigureTable struct {
	TableReading
	Level   Level
	Percent bool // the values are written with per cent signs, and given as fractions
	Rows    []FigureRow
}

// PlaceRow is a row of a table of places.
type PlaceRow struct {
	Row   int
	Place LayerPlace // in WGS84; without a community
}

// PlaceTable is a table of places. Rows with a problem are not in Rows.
type PlaceTable struct {
	TableReading
	Rows []PlaceRow
}
