package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// Bounds of what an error tells.
const (
	maxConflicts = 100
	maxPlaces    = 50
)

// explain adds to a refusal what whoever drew needs to go on: both states of what others changed first, and the
// places where micro-grids do not fit. A refusal that cannot be explained is still one.
func (s *Store) explain(ctx context.Context, p *plan, err error) error {
	var ours *yizhan.Error
	if !errors.As(err, &ours) {
		return err
	}
	switch {
	case len(ours.Conflicts) > 0:
		if failed := s.read(ctx, func(tx pgx.Tx) error { return s.explainConflicts(ctx, tx, ours.Conflicts) }); failed != nil {
			s.logger.WarnContext(ctx, "a conflict cannot be explained", "error", failed)
		}
	case len(ours.Places) == 1 && ours.Places[0].Kind == "edge":
		places, failed := s.misfits(ctx, p, ours.Places[0])
		if failed != nil {
			s.logger.WarnContext(ctx, "a partition cannot be explained", "error", failed)
		}
		ours.Places = append(ours.Places, places...)
	}
	return err
}

func (s *Store) explainConflicts(ctx context.Context, tx pgx.Tx, conflicts []yizhan.Conflict) error {
	for i := range conflicts {
		c := &conflicts[i]
		t := s.tables[c.Ref.Collection]
		if t.record == nil {
			continue // a leader
		}
		found, err := t.load(ctx, tx, []string{c.Ref.Code})
		if err != nil {
			return err
		}
		c.Now = found[c.Ref.Code]
		if c.Base == 0 {
			continue
		}
		rows, err := tx.Query(ctx, changeSelection+` WHERE c.collection = $1 AND c.code = $2 AND c.version = $3 AND c.op <> 'delete' ORDER BY c.seq DESC LIMIT 1`,
			c.Ref.Collection, c.Ref.Code, c.Base)
		if err != nil {
			return err
		}
		was, err := pgx.CollectRows(rows, s.scanChange)
		if err != nil {
			return err
		}
		if len(was) > 0 {
			c.Was = was[0].After
		}
	}
	return nil
}

// misfits finds the areas in which the micro-grids of a community would overlap, leave a gap, or reach beyond it.
func (s *Store) misfits(ctx context.Context, p *plan, edge yizhan.Place) (places []yizhan.Place, err error) {
	community := communityOf(p, edge)
	if community == "" {
		return nil, nil
	}
	var codes []string
	var shapes [][]byte
	var gone []string
	g := p.groups[yizhan.MicroGrids]
	for _, e := range append(append([]*edit{}, g.creates...), g.updates...) {
		if e.feature.(*yizhan.MicroGrid).Community == community {
			codes, shapes, gone = append(codes, e.ref.Code), append(shapes, e.shape), append(gone, e.ref.Code)
		}
	}
	for _, e := range g.deletes {
		gone = append(gone, e.ref.Code)
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, misfitsSQL, community, codes, shapes, gone, maxPlaces)
		if err != nil {
			return err
		}
		places, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (place yizhan.Place, err error) {
			var shape []byte
			if err := row.Scan(&place.Kind, &place.MicroGrids, &shape); err != nil {
				return place, err
			}
			place.Shape, err = decodeShape(shape)
			return place, err
		})
		return err
	})
	return places, err
}

// communityOf tells which community a fault is in: that of a micro-grid which touches it, or the only one edited.
func communityOf(p *plan, edge yizhan.Place) string {
	if len(edge.MicroGrids) > 0 {
		return edge.MicroGrids[0][:12]
	}
	g := p.groups[yizhan.MicroGrids]
	for _, e := range append(append([]*edit{}, g.creates...), g.updates...) {
		return e.ref.Code[:12]
	}
	return ""
}

// Snapping moves borders by a centimetre: slivers of that size are no misfit that anybody could see.
const misfitsSQL = `WITH given AS MATERIALIZED (
		SELECT code, boundary FROM micro_grids WHERE community = $1 AND code <> ALL ($4)
		UNION ALL SELECT * FROM unnest($2::text[], $3::geometry[])
	), whole AS (SELECT boundary FROM units WHERE code = $1 AND boundary IS NOT NULL),
	filled AS (SELECT ST_Union(boundary) AS boundary FROM given),
	misfits AS (
		SELECT 'overlap' AS kind, ARRAY[a.code, b.code] AS codes, ST_Intersection(a.boundary, b.boundary) AS shape
		FROM given a JOIN given b ON a.code < b.code AND a.boundary && b.boundary AND (a.code = ANY ($2) OR b.code = ANY ($2))
			AND ST_Relate(a.boundary, b.boundary, '2********')
		UNION ALL SELECT 'gap', '{}', ST_Difference(whole.boundary, filled.boundary) FROM whole, filled
		UNION ALL SELECT 'outside', ARRAY(SELECT code FROM given WHERE code = ANY ($2) AND NOT ST_CoveredBy(given.boundary, whole.boundary) ORDER BY code),
			ST_Difference(filled.boundary, whole.boundary) FROM whole, filled
	)
	SELECT kind, codes, ST_Multi(ST_CollectionExtract(shape, 3)) FROM misfits
	WHERE ST_Area(ST_CollectionExtract(shape, 3)) > 1e-12 ORDER BY kind, codes LIMIT $5`
