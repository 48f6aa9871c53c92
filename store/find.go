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
)

// Limits of a query.
const (
	maxFilters = 20
	maxValues  = 100
)

// Find gives a page of one collection. Pages follow each other by code (Query.After), so that a reader
// who turns them while others write sees every feature that was there all the time, once. In another order
// (Query.Sort) that holds for those whose values of it stayed as they were.
func (s *Store) Find(ctx context.Context, q yizhan.Query) (yizhan.Page, error) {
	t := s.tables[q.Collection]
	if t == nil {
		return yizhan.Page{}, yizhan.Errorf(yizhan.CodeNotFound, "collection", "%q is not a collection", clip(string(q.Collection)))
	}
	where, err := t.where(q)
	if err != nil {
		return yizhan.Page{}, err
	}
	query := fmt.Sprintf("%s%s ORDER BY %s LIMIT %d", t.query(q.SkipGeometry), where, t.order(q.Sort), q.Limit+1)
	var page yizhan.Page
	err = s.read(ctx, func(tx pgx.Tx) error {
		if err := where.checkShapes(ctx, tx); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, lastSeq).Scan(&page.Seq); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, query, where.arguments...)
		if err != nil {
			return err
		}
		if page.Features, err = pgx.CollectRows(rows, t.scan); err != nil {
			return err
		}
		if page.More = len(page.Features) > q.Limit; page.More {
			page.Features = slices.Delete(page.Features, q.Limit, q.Limit+1)
			page.Last, err = t.sortValues(ctx, tx, q.Sort, page.Features[q.Limit-1].Ref().Code)
		}
		return err
	})
	if err != nil {
		return yizhan.Page{}, blameFilter(q, err)
	}
	return page, nil
}

// FindOne gives one feature.
func (s *Store) FindOne(ctx context.Context, ref yizhan.Ref) (yizhan.Feature, error) {
	t := s.tables[ref.Collection]
	if t == nil || checkText("code", ref.Code) != nil || len(ref.Code) > maxCodeBytes {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no %s", clip(ref.String()))
	}
	var found map[string]yizhan.Feature
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		found, err = t.load(ctx, tx, []string{ref.Code})
		return err
	})
	if err != nil {
		return nil, err
	}
	if f, ok := found[ref.Code]; ok {
		return f, nil
	}
	return nil, yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no %s", clip(ref.String()))
}

// conditions is a WHERE clause in the making. Values go in as arguments only; the text is ours.
type conditions struct {
	clauses   []string
	arguments []any
	shapes    []filterShape // of the filter, to be checked before
}

// bind adds an argument and gives its place in the text.
func (c *conditions) bind(argument any) string {
	c.arguments = append(c.arguments, argument)
	return "$" + strconv.Itoa(len(c.arguments))
}

// add adds a condition; each ? in it stands for the next of the arguments.
func (c *conditions) add(condition string, arguments ...any) {
	for _, argument := range arguments {
		condition = strings.Replace(condition, "?", c.bind(argument), 1)
	}
	c.clauses = append(c.clauses, condition)
}

func (c *conditions) String() string {
	if len(c.clauses) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.clauses, " AND ")
}

// where checks a query and gives its conditions.
func (t *table) where(q yizhan.Query) (*conditions, error) {
	var c conditions
	if q.Limit < 1 || q.Limit > yizhan.MaxLimit {
		return nil, yizhan.Invalid("limit", "%d is not in 1..%d", q.Limit, yizhan.MaxLimit)
	}
	if err := t.addAfter(&c, q); err != nil {
		return nil, err
	}
	if q.Unit != "" {
		from, until, err := codeRange(q.Unit)
		if err != nil {
			return nil, err
		}
		c.add(t.below, from, until)
	}
	if q.BBox != nil {
		envelope, err := envelopeOf(*q.BBox)
		if err != nil {
			return nil, err
		}
		c.add(t.within, envelope, envelope)
	}
	if err := t.addFilters(&c, q.Filters); err != nil {
		return nil, err
	}
	t.addPeriod(&c, q.During)
	return &c, t.addWhere(&c, q.Where)
}

func (t *table) addFilters(c *conditions, filters []yizhan.Filter) error {
	if len(filters) > maxFilters {
		return yizhan.Invalid("filters", "%d filters; at most %d are allowed", len(filters), maxFilters)
	}
	for _, wanted := range filters {
		known, ok := t.filters[wanted.Property]
		switch {
		case !ok:
			return yizhan.Invalid(clip(wanted.Property), "%s cannot be filtered by it", t.collection)
		case len(wanted.Values) == 0 || len(wanted.Values) > maxValues:
			return yizhan.Invalid(wanted.Property, "has %d values; 1 to %d are allowed", len(wanted.Values), maxValues)
		}
		for _, value := range wanted.Values {
			if err := checkText(wanted.Property, value); err != nil {
				return err
			}
			if known.allowed != nil && !known.allowed(value) {
				return yizhan.Invalid(wanted.Property, "%q is not one of its values", clip(value))
			}
		}
		c.add(known.condition, wanted.Values)
	}
	return nil
}

// codeRange gives the range of codes of a unit and all below it: they begin with its code, those of a
// city with the first four digits.
func codeRange(unit string) (from, until string, err error) {
	for _, digit := range unit {
		if digit < '0' || digit > '9' {
			return "", "", yizhan.Invalid("unit", "%q is not the code of a unit", clip(unit))
		}
	}
	switch len(unit) {
	case 6:
		unit = strings.TrimSuffix(unit, "00")
	case 9, 12:
	default:
		return "", "", yizhan.Invalid("unit", "%q is not the code of a unit", clip(unit))
	}
	return unit, unit + ":", nil // the character after 9
}

// envelopeOf gives the EWKB of a bounding box, which may be as thin as a line or a point.
func envelopeOf(box [4]float64) ([]byte, error) {
	west, south, east, north := box[0], box[1], box[2], box[3]
	for _, value := range box {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, yizhan.Invalid("bbox", "is not of finite numbers")
		}
	}
	switch {
	case west < -180 || east > 180 || south < -90 || north > 90:
		return nil, yizhan.Invalid("bbox", "is not on the globe; the order is west, south, east, north")
	case west > east || south > north:
		return nil, yizhan.Invalid("bbox", "ends before it begins; the order is west, south, east, north")
	}
	return encodeBox(west, south, east, north)
}
