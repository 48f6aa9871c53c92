package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/partition"
)

// BorderBlame tells which changeset drew each stretch of the borders in a community last. It reads the log backwards
// until every edge is explained.
func (s *Store) BorderBlame(ctx context.Context, community string) (stretches []yizhan.Stretch, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		grids, err := s.gridsOf(ctx, tx, community)
		if err != nil {
			return err
		}
		blame := partition.NewBlame(partsOf(grids))
		infos, err := s.blameChanges(ctx, tx, community, blame)
		if err != nil {
			return err
		}
		for _, st := range blame.Stretches() {
			stretches = append(stretches, yizhan.Stretch{ChangesetInfo: infos[st.Name], MicroGrids: st.Codes, Lines: st.Lines})
		}
		return nil
	})
	return stretches, err
}

func partsOf(grids []*yizhan.MicroGrid) []partition.Part {
	parts := make([]partition.Part, len(grids))
	for i, g := range grids {
		parts[i] = partition.Part{Code: g.Code, Shape: g.Boundary}
	}
	return parts
}

// blameBatch is how many changes are read at once.
const blameBatch = 1_000

// blameChanges tells the blame of the changesets that moved borders, the last first.
func (s *Store) blameChanges(ctx context.Context, tx pgx.Tx, community string, blame *partition.Blame) (map[int64]yizhan.ChangesetInfo, error) {
	infos := map[int64]yizhan.ChangesetInfo{}
	var before, after []partition.Part
	var current int64
	for from, last := int64(0), false; !last; {
		rows, err := s.borderChanges(ctx, tx, community, from)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.info.ID != current {
				if current != 0 && blame.Take(current, before, after) {
					return infos, nil
				}
				current, before, after = r.info.ID, nil, nil
				infos[current] = r.info
			}
			if r.before != nil {
				before = append(before, *r.before)
			}
			if r.after != nil {
				after = append(after, *r.after)
			}
			from = r.info.LastSeq
		}
		last = len(rows) < blameBatch
	}
	if current != 0 {
		blame.Take(current, before, after)
	}
	return infos, nil
}

// borderChange is a change of a boundary, with the changeset it belongs to; LastSeq is that of the change.
type borderChange struct {
	info          yizhan.ChangesetInfo
	before, after *partition.Part
}

func (s *Store) borderChanges(ctx context.Context, tx pgx.Tx, community string, before int64) ([]borderChange, error) {
	from, until := within(community)
	rows, err := tx.Query(ctx, `SELECT c.seq, c.code, c.before_boundary, c.after_boundary, s.id, s.at, s.author, s.reason
		FROM changes c JOIN changesets s ON s.id = c.changeset
		WHERE c.collection = 'micro_grids' AND c.code >= $1 AND c.code < $2 AND ($3 = 0 OR c.seq < $3)
			AND c.before_boundary IS DISTINCT FROM c.after_boundary
		ORDER BY c.seq DESC LIMIT $4`, from, until, before, blameBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c borderChange, err error) {
		var code string
		var was, is []byte
		if err := row.Scan(&c.info.LastSeq, &code, &was, &is, &c.info.ID, &c.info.At, &c.info.Author, &c.info.Reason); err != nil {
			return c, err
		}
		c.info.At = c.info.At.UTC()
		if c.before, err = partOf(code, was); err != nil {
			return c, err
		}
		c.after, err = partOf(code, is)
		return c, err
	})
}

func partOf(code string, shape []byte) (*partition.Part, error) {
	if shape == nil {
		return nil, nil
	}
	boundary, err := decodeShape(shape)
	if err != nil {
		return nil, fmt.Errorf("read a boundary of %s: %w", code, err)
	}
	return &partition.Part{Code: code, Shape: boundary}, nil
}
