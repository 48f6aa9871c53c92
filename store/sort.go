package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
)

// sortColumn gives the expression on alias f that a key sorts by: text by code point, or a number. None is null,
// so that each feature is before or after each other one: a time that is not known is after all others.
func (t *table) sortColumn(property string) (expression string, isText bool) {
	column := t.queryable[property]
	switch yizhan.Queryables(t.collection)[property] {
	case cql2.TypeText:
		return "(" + column + `) COLLATE "C"`, true
	case cql2.TypeTruth:
		return "(" + column + ")::int::float8", false
	case cql2.TypeTime:
		return "coalesce(extract(epoch FROM " + column + ")::float8, 'Infinity')", false
	}
	return column, false
}

// order is what comes after ORDER BY; the keys were checked.
func (t *table) order(keys []yizhan.SortKey) string {
	var terms []string
	for _, key := range keys {
		expression, _ := t.sortColumn(key.Property)
		if key.Descending {
			expression += " DESC"
		}
		terms = append(terms, expression)
	}
	return strings.Join(append(terms, "f.code"), ", ")
}

// addAfter keeps the features after the one at which the page before ended.
func (t *table) addAfter(c *conditions, q yizhan.Query) error {
	if len(q.Sort) > yizhan.MaxSortKeys {
		return yizhan.Invalid("sort", "has %d keys; at most %d are allowed", len(q.Sort), yizhan.MaxSortKeys)
	}
	for _, key := range q.Sort {
		if !slices.Contains(yizhan.Sortables(t.collection), key.Property) {
			return yizhan.Invalid("sort", "%s cannot be put in the order of %q", t.collection, clip(key.Property))
		}
	}
	if q.After == "" {
		return nil
	}
	if err := checkText("after", q.After); err != nil {
		return err
	}
	if len(q.AfterValues) != len(q.Sort) {
		return yizhan.Invalid("after", "is not of this order")
	}
	condition := "f.code > " + c.bind(q.After)
	for i, key := range slices.Backward(q.Sort) {
		expression, isText := t.sortColumn(key.Property)
		value, err := c.bindSorted(q.AfterValues[i], isText)
		if err != nil {
			return err
		}
		after := ">"
		if key.Descending {
			after = "<"
		}
		condition = fmt.Sprintf("(%[1]s %[2]s %[3]s OR %[1]s = %[3]s AND %[4]s)", expression, after, value, condition)
	}
	c.clauses = append(c.clauses, condition)
	return nil
}

func (c *conditions) bindSorted(value string, isText bool) (string, error) {
	if isText {
		return c.bind(value) + "::text", checkText("after", value)
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(number) {
		return "", yizhan.Invalid("after", "is not of this order")
	}
	return c.bind(number) + "::float8", nil
}

// sortValues are a feature's values of the keys, for the next page.
func (t *table) sortValues(ctx context.Context, tx pgx.Tx, keys []yizhan.SortKey, code string) (values []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var columns []string
	for _, key := range keys {
		expression, _ := t.sortColumn(key.Property)
		columns = append(columns, "("+expression+")::text")
	}
	err = tx.QueryRow(ctx, fmt.Sprintf("SELECT ARRAY[%s] FROM %s f %s WHERE f.code = $1", strings.Join(columns, ", "), t.collection, t.joins), code).Scan(&values)
	return values, err
}
