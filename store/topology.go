package store

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/yizhan/yizhan"
)

// What PostGIS knows about outlines that are not in the database, for those who check them before.

// InvalidShapes finds the outlines that are not valid, and where.
func (s *Store) InvalidShapes(ctx context.Context, shapes []orb.MultiPolygon) (faults []yizhan.ShapeFault, err error) {
	encoded, err := encodeShapes(shapes)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT n - 1, reason(detail), ST_X(location(detail)), ST_Y(location(detail))
			FROM (SELECT n, ST_IsValidDetail(shape) AS detail
				FROM unnest($1::geometry[]) WITH ORDINALITY AS given(shape, n) WHERE NOT ST_IsValid(shape)) invalid ORDER BY n`, encoded)
		if err != nil {
			return err
		}
		faults, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (f yizhan.ShapeFault, err error) {
			err = row.Scan(&f.Index, &f.Reason, &f.Place[0], &f.Place[1])
			f.Place = yizhan.SnapPoint(f.Place)
			return f, err
		})
		return err
	})
	return faults, err
}

func encodeShapes(shapes []orb.MultiPolygon) ([][]byte, error) {
	encoded := make([][]byte, len(shapes))
	for i, shape := range shapes {
		var err error
		if encoded[i], err = encodeShape(shape); err != nil {
			return nil, err
		}
	}
	return encoded, nil
}

// Misfits finds where outlines, each valid by itself, overlap, leave a gap, or reach beyond a whole. If they do
// none of that, and still are no partition, their vertices differ: that is one misfit without an area.
func (s *Store) Misfits(ctx context.Context, whole orb.MultiPolygon, parts []orb.MultiPolygon) (misfits []yizhan.Misfit, err error) {
	encoded, err := encodeShapes(append([]orb.MultiPolygon{whole}, parts...))
	if err != nil {
		return nil, err
	}
	query, err := queries.ReadFile("queries/misfits.sql")
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, string(query), encoded[0], encoded[1:])
		if err != nil {
			return err
		}
		misfits, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m yizhan.Misfit, err error) {
			var shape []byte
			if err = row.Scan(&m.Kind, &m.Parts, &m.AreaM2, &m.WidthM, &shape); err != nil {
				return m, err
			}
			if m.Shape, err = wkb.Unmarshal(shape); err != nil {
				err = fmt.Errorf("read a misfit: %w", err)
			}
			return m, err
		})
		return err
	})
	if err == nil && len(misfits) == 0 {
		misfits = []yizhan.Misfit{{Kind: yizhan.NotShared}}
	}
	return misfits, err
}

// Refit gives each strip by which outlines overlap, or leave a gap, to one of its neighbours, if it is narrower
// than the tolerance, so that they are a partition of the whole; nil if they still are not. Corners are moved to
// corners of the whole that are as near.
func (s *Store) Refit(ctx context.Context, whole orb.MultiPolygon, parts []orb.MultiPolygon, toleranceM float64) (refitted []orb.MultiPolygon, err error) {
	encoded, err := encodeShapes(append([]orb.MultiPolygon{whole}, parts...))
	if err != nil {
		return nil, err
	}
	query, err := queries.ReadFile("queries/refit.sql")
	if err != nil {
		return nil, err
	}
	bound := whole.Bound()
	narrowing := math.Cos(bound.Center()[1] * math.Pi / 180)
	refitted = make([]orb.MultiPolygon, len(parts))
	filled := 0
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, string(query), encoded[0], encoded[1:], toleranceM, narrowing)
		if err != nil {
			return err
		}
		var n int
		var shape []byte
		_, err = pgx.ForEachRow(rows, []any{&n, &shape}, func() error {
			area, err := decodeShape(shape)
			if err == nil && n >= 0 && n < len(refitted) {
				refitted[n] = area
				filled++
			}
			return err
		})
		return err
	})
	if err != nil || filled != len(parts) {
		return nil, err
	}
	for i, area := range refitted {
		refitted[i] = alongBorder(area, whole)
	}
	faults, err := s.InvalidShapes(ctx, refitted)
	if err != nil || len(faults) > 0 {
		return nil, err
	}
	return refitted, nil
}

// alongBorder leaves out the vertices that a shape has between two neighbouring corners of the whole: they came
// from crossing a border that the shape runs along.
func alongBorder(area, whole orb.MultiPolygon) orb.MultiPolygon {
	following := map[orb.Point]map[orb.Point]bool{}
	link := func(a, b orb.Point) {
		if following[a] == nil {
			following[a] = map[orb.Point]bool{}
		}
		following[a][b] = true
	}
	for _, polygon := range whole {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				a, b := yizhan.SnapPoint(ring[i-1]), yizhan.SnapPoint(ring[i])
				link(a, b)
				link(b, a)
			}
		}
	}
	out := make(orb.MultiPolygon, len(area))
	for i, polygon := range area {
		for _, ring := range polygon {
			out[i] = append(out[i], ringAlong(ring, following))
		}
	}
	return out
}

func ringAlong(ring orb.Ring, following map[orb.Point]map[orb.Point]bool) orb.Ring {
	open := make(orb.Ring, 0, len(ring))
	for _, p := range ring[:len(ring)-1] {
		open = append(open, yizhan.SnapPoint(p))
	}
	start := 0
	for start < len(open) && following[open[start]] == nil {
		start++
	}
	if start == len(open) {
		return append(open, open[0])
	}
	open = append(append(orb.Ring{}, open[start:]...), open[:start]...)
	open = append(open, open[0])
	out := orb.Ring{open[0]}
	for i := 0; i < len(open)-1; {
		next := i + 1
		for j := i + 1; j < len(open) && j <= i+1+maxBetween; j++ {
			if following[open[j]] != nil {
				if following[open[i]][open[j]] && near(open[i], open[j], open[i+1:j]) {
					next = j
				}
				break
			}
		}
		out = append(out, open[next])
		i = next
	}
	return out
}

const maxBetween = 1_000 // vertices between two corners

// near tells whether points lie within 5e-7 degrees, half a foot, of the segment from a to b.
func near(a, b orb.Point, points []orb.Point) bool {
	const tolerance = 5e-7
	dx, dy := b[0]-a[0], b[1]-a[1]
	length := math.Hypot(dx, dy)
	for _, p := range points {
		if math.Abs((p[0]-a[0])*dy-(p[1]-a[1])*dx) > tolerance*length {
			return false
		}
	}
	return true
}
