package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// table tells how the features of one collection lie in the database. Each noun's file makes its own.
// Features are given to its functions only after holds.
type table struct {
	collection yizhan.Collection // also the name of the table in SQL
	columns    []column          // code first, version last
	sealed     bool              // its rows hold what is sealed, in a column of its own that updates leave as it is

	holds  func(yizhan.Feature) bool                           // a feature of this collection, and not nil
	refs   func(yizhan.Feature) []reference                    // the features it refers to
	shape  func(yizhan.Feature) orb.MultiPolygon               // what is stored as boundary; nil for a collection without
	values func(f yizhan.Feature, shape []byte) ([]any, error) // of columns, without version
	parts  []part                                              // rows that belong to a feature
	record func(yizhan.Feature) any                            // for the change log; nil for a collection not in it
	revive func(key key, record, shape []byte) (yizhan.Feature, error)

	selection string // of a query on alias f; shapeColumn stands for the shape
	joins     string
	scan      func(pgx.CollectableRow) (yizhan.Feature, error)

	within    string            // condition: the feature touches the envelope ?
	below     string            // condition: the feature is of a unit whose codes are from ? until ?
	filters   map[string]filter // the properties a Query may filter by
	queryable map[string]string // expressions on alias f for yizhan.Queryables
	instant   string            // the column of the time that a feature is about; empty for none
	referrers []referrer        // what may keep a feature from being deleted
}

type column struct{ name, sqlType string }

// In a statement for many rows a column is an array, which takes no arrays of different lengths: what is one goes in as
// text.
func (c column) inRows() string {
	if c.isArray() {
		return "text"
	}
	return c.sqlType
}

func (c column) isArray() bool { return strings.HasSuffix(c.sqlType, "[]") }

// of gives the column from a row of such a statement.
func (c column) of(row string) string {
	if c.isArray() {
		return fmt.Sprintf("%s.%s::%s", row, c.name, c.sqlType)
	}
	return row + "." + c.name
}

// reference is a feature named by a field of another.
type reference struct {
	field string
	to    yizhan.Ref
}

// referrer is a column that refers to a table.
type referrer struct{ table, column, name string }

// part is a table of rows that belong to a feature and are replaced with it.
type part struct {
	table   string
	owner   string // the column with the feature's code, first of columns
	columns []column
	rows    func(yizhan.Feature) [][]any
}

// filter is a condition on the array of values ?, with the values it may have; allowed is nil for any.
type filter struct {
	condition string
	allowed   func(string) bool
}

// key is what identifies a state of a feature.
type key struct {
	code    string
	version int64
}

// shapeColumn in a selection is replaced by null where a caller wants no geometry.
const shapeColumn = "{shape}"

func allTables() map[yizhan.Collection]*table {
	tables := map[yizhan.Collection]*table{}
	for _, t := range []*table{unitTable(), microGridTable(), stationTable(), friendlySceneTable(), leaderTable()} {
		tables[t.collection] = t
	}
	return tables
}

// query gives the start of a SELECT; conditions on alias f follow.
func (t *table) query(skipShape bool) string {
	shape := "f.boundary"
	switch {
	case skipShape:
		shape = "NULL::geometry"
	case t.collection == yizhan.FriendlyScenes:
		shape = sceneShape
	}
	return fmt.Sprintf("SELECT %s FROM %s f %s", strings.Replace(t.selection, shapeColumn, shape, 1), t.collection, t.joins)
}

// load reads the features with the given codes.
func (t *table) load(ctx context.Context, tx pgx.Tx, codes []string) (map[string]yizhan.Feature, error) {
	features := make(map[string]yizhan.Feature, len(codes))
	if len(codes) == 0 {
		return features, nil
	}
	rows, err := tx.Query(ctx, t.query(false)+" WHERE f.code = ANY ($1)", codes)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, t.scan)
	for _, f := range found {
		features[f.Ref().Code] = f
	}
	return features, err
}

// insert adds new features at version 1.
func (t *table) insert(ctx context.Context, tx pgx.Tx, edits []*edit) error {
	names := t.columnNames()
	if t.sealed {
		names = append(names, "sealed")
	}
	source := pgx.CopyFromSlice(len(edits), func(i int) ([]any, error) {
		row, err := t.row(edits[i])
		if t.sealed {
			row = append(row, edits[i].sealed)
		}
		return row, err
	})
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{string(t.collection)}, names, source); err != nil {
		return err
	}
	return t.insertParts(ctx, tx, edits, copyRows)
}

// insertRows adds rows to a table.
type insertRows func(ctx context.Context, tx pgx.Tx, table string, columns []column, rows [][]any) error

// copyRows is the fast way, which row-level security does not allow.
func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []column, rows [][]any) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{table}, namesOf(columns), pgx.CopyFromRows(rows))
	return err
}

// insertSet is the way under row-level security: one statement for some thousand rows.
func insertSet(ctx context.Context, tx pgx.Tx, table string, columns []column, rows [][]any) error {
	values, arrays := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		values[i], arrays[i] = c.of("given"), fmt.Sprintf("$%d::%s[]", i+1, c.inRows())
	}
	statement := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM unnest(%s) WITH ORDINALITY AS given(%[2]s, nth) ORDER BY nth",
		table, strings.Join(namesOf(columns), ", "), strings.Join(values, ", "), strings.Join(arrays, ", "))
	for some := range slices.Chunk(rows, chunk) {
		arguments, err := columnwise(some, columns)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, statement, arguments...); err != nil {
			return err
		}
	}
	return nil
}

// columnwise turns rows into an array for each column.
func columnwise(rows [][]any, columns []column) ([]any, error) {
	arrays := make([]any, len(columns))
	types := pgtype.NewMap()
	for i, c := range columns {
		values := make([]any, len(rows))
		for j, row := range rows {
			values[j] = row[i]
			if !c.isArray() {
				continue
			}
			text, err := arrayText(types, row[i])
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", c.name, err)
			}
			values[j] = text
		}
		arrays[i] = values
	}
	return arrays, nil
}

// arrayText writes an array as PostgreSQL reads it: {water,charging}.
func arrayText(types *pgtype.Map, array any) (string, error) {
	known, ok := types.TypeForValue(array)
	if !ok {
		return "", fmt.Errorf("%T is no array that PostgreSQL knows", array)
	}
	text, err := types.Encode(known.OID, pgtype.TextFormatCode, array, nil)
	return string(text), err
}

// insertUnderRules is insert for who may not write everywhere.
func (t *table) insertUnderRules(ctx context.Context, tx pgx.Tx, edits []*edit) error {
	rows := make([][]any, len(edits))
	for i, e := range edits {
		row, err := t.row(e)
		if err != nil {
			return err
		}
		rows[i] = row
	}
	if err := insertSet(ctx, tx, string(t.collection), t.columns, rows); err != nil {
		return err
	}
	return t.insertParts(ctx, tx, edits, insertSet)
}

func (t *table) insertParts(ctx context.Context, tx pgx.Tx, edits []*edit, insert insertRows) error {
	for _, p := range t.parts {
		var rows [][]any
		for _, e := range edits {
			rows = append(rows, p.rows(e.feature)...)
		}
		if len(rows) == 0 {
			continue
		}
		if err := insert(ctx, tx, p.table, p.columns, rows); err != nil {
			return err
		}
	}
	return nil
}

// update replaces features that are locked and at the version that their edits were based on.
func (t *table) update(ctx context.Context, tx pgx.Tx, edits []*edit, insert insertRows) error {
	rows, codes := make([][]any, len(edits)), make([]string, len(edits))
	for j, e := range edits {
		row, err := t.row(e)
		if err != nil {
			return err
		}
		rows[j], codes[j] = row, e.ref.Code
	}
	arguments, err := columnwise(rows, t.columns)
	if err != nil {
		return err
	}
	done, err := tx.Exec(ctx, t.updateSQL(), arguments...)
	if err != nil {
		return err
	}
	if done.RowsAffected() != int64(len(edits)) { // they are locked: row-level security did not show them
		return outOfScope(t.collection, nil)
	}
	for _, p := range t.parts {
		if _, err := tx.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s = ANY ($1)", p.table, p.owner), codes); err != nil {
			return err
		}
	}
	return t.insertParts(ctx, tx, edits, insert)
}

func (t *table) row(e *edit) ([]any, error) {
	values, err := t.values(e.feature, e.shape)
	return append(values, e.version()), err
}

func (t *table) updateSQL() string {
	var sets, arrays []string
	for i, c := range t.columns {
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, c.inRows()))
		if i > 0 {
			sets = append(sets, fmt.Sprintf("%s = %s", c.name, c.of("e")))
		}
	}
	return fmt.Sprintf("UPDATE %s f SET %s FROM unnest(%s) AS e(%s) WHERE f.code = e.code",
		t.collection, strings.Join(sets, ", "), strings.Join(arrays, ", "), strings.Join(t.columnNames(), ", "))
}

func (t *table) columnNames() []string { return namesOf(t.columns) }

func namesOf(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

func inList[S ~string](list []S) func(string) bool {
	return func(value string) bool {
		for _, s := range list {
			if string(s) == value {
				return true
			}
		}
		return false
	}
}

// emptyToNil makes a string that is null in the database when it is empty.
func emptyToNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// timeToNil makes a time that is null in the database when it is zero, at the precision kept there.
func timeToNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

func nilToTime(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
