package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// CreateIndicator keeps a new indicator with its first release, and gives it as it is kept.
func (s *Store) CreateIndicator(ctx context.Context, by *yizhan.Principal, i yizhan.Indicator, first yizhan.Release) (*yizhan.Indicator, error) {
	if err := i.Validate(); err != nil {
		return nil, err
	}
	if err := i.Check(&first); err != nil {
		return nil, err
	}
	i.ID, i.Author, first.Author = newScenarioID(), authorOf(by), authorOf(by)
	err := s.writeLayer(ctx, by, indicatorTable, layerWrite{act: "layers.create", unit: i.Unit, detail: countDetail("figures", len(first.Figures)), do: func(tx pgx.Tx) (string, error) {
		if err := checkLayerUnit(ctx, tx, i.Unit); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, `INSERT INTO indicators (id, name, note, unit, public, author, synthetic, version, kind, level, measure)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10)`,
			i.ID, i.Name, i.Note, i.Unit, i.Public, i.Author, i.Synthetic, string(i.Kind), string(i.Level), i.Measure)
		if err != nil {
			return "", err
		}
		return i.ID, insertRelease(ctx, tx, &i, &first)
	}})
	return s.keptIndicator(ctx, by, i.ID, err)
}

// insertRelease puts a release beside those there are; units that the role may not write it refuses.
func insertRelease(ctx context.Context, tx pgx.Tx, i *yizhan.Indicator, r *yizhan.Release) error {
	codes, values := make([]string, len(r.Figures)), make([]float64, len(r.Figures))
	for n, f := range r.Figures {
		codes[n], values[n] = f.Unit, f.Value
	}
	if err := checkUnits(ctx, tx, codes, i.Level); err != nil {
		return err
	}
	var releases int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM indicator_releases WHERE indicator = $1`, i.ID).Scan(&releases)
	if err != nil {
		return err
	}
	if releases >= yizhan.MaxReleases {
		return yizhan.Errorf(yizhan.CodeTooLarge, "", "the indicator has %d dates already, which is as many as are kept; delete some first", releases)
	}
	_, err = tx.Exec(ctx, `INSERT INTO indicator_releases (indicator, date, source, author) VALUES ($1, $2, $3, $4)`, i.ID, r.Date, r.Source, r.Author)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO indicator_figures (indicator, date, unit, value) SELECT $1, $2, code, value FROM unnest($3::text[], $4::float8[]) AS f (code, value)`,
		i.ID, r.Date, codes, values)
	return err
}

func (s *Store) keptIndicator(ctx context.Context, by *yizhan.Principal, id string, err error) (*yizhan.Indicator, error) {
	if err != nil {
		return nil, err
	}
	return s.FindIndicator(ctx, by, id)
}

// ReplaceIndicator replaces name, note, measure and who may look of the indicator with the same ID, if that is
// still at the given one's Version.
func (s *Store) ReplaceIndicator(ctx context.Context, by *yizhan.Principal, i yizhan.Indicator) (*yizhan.Indicator, error) {
	if err := i.Validate(); err != nil {
		return nil, err
	}
	unit, err := s.unitOfLayer(ctx, by, indicatorTable, i.ID)
	if err != nil {
		return nil, err
	}
	err = s.writeLayer(ctx, by, indicatorTable, layerWrite{act: "layers.update", unit: unit, do: func(tx pgx.Tx) (string, error) {
		if err := indicatorTable.touch(ctx, tx, i.ID, i.Version); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, `UPDATE indicators SET name = $2, note = $3, public = $4, measure = $5 WHERE id = $1`, i.ID, i.Name, i.Note, i.Public, i.Measure)
		return i.ID, err
	}})
	return s.keptIndicator(ctx, by, i.ID, err)
}

// PutRelease keeps the figures of a date, in place of those there were of that date; other dates stay.
func (s *Store) PutRelease(ctx context.Context, by *yizhan.Principal, id string, version int64, r yizhan.Release) (*yizhan.Indicator, error) {
	i, err := s.FindIndicator(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if err := i.Check(&r); err != nil {
		return nil, err
	}
	r.Author = authorOf(by)
	detail := countDetail("figures", len(r.Figures))
	detail["date"] = r.Date.Format(time.DateOnly)
	err = s.writeLayer(ctx, by, indicatorTable, layerWrite{act: "layers.release", unit: i.Unit, detail: detail, do: func(tx pgx.Tx) (string, error) {
		if err := indicatorTable.touch(ctx, tx, id, version); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM indicator_releases WHERE indicator = $1 AND date = $2`, id, r.Date); err != nil {
			return "", err
		}
		return id, insertRelease(ctx, tx, i, &r)
	}})
	return s.keptIndicator(ctx, by, id, err)
}

// DeleteRelease deletes the figures of a date; the last ones go with the indicator only.
func (s *Store) DeleteRelease(ctx context.Context, by *yizhan.Principal, id string, version int64, date time.Time) (*yizhan.Indicator, error) {
	unit, err := s.unitOfLayer(ctx, by, indicatorTable, id)
	if err != nil {
		return nil, err
	}
	detail := map[string]string{"date": date.Format(time.DateOnly)}
	err = s.writeLayer(ctx, by, indicatorTable, layerWrite{act: "layers.unrelease", unit: unit, detail: detail, do: func(tx pgx.Tx) (string, error) {
		if err := indicatorTable.touch(ctx, tx, id, version); err != nil {
			return "", err
		}
		gone, err := tx.Exec(ctx, `DELETE FROM indicator_releases WHERE indicator = $1 AND date = $2`, id, date)
		if err != nil {
			return "", err
		}
		if gone.RowsAffected() == 0 {
			return "", yizhan.Errorf(yizhan.CodeNotFound, "date", "the indicator has no figures of this date")
		}
		var left int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM indicator_releases WHERE indicator = $1`, id).Scan(&left); err != nil {
			return "", err
		}
		if left == 0 {
			return "", yizhan.Errorf(yizhan.CodeConflict, "date", "these are the only figures: delete the indicator")
		}
		return id, nil
	}})
	return s.keptIndicator(ctx, by, id, err)
}

// DeleteIndicator deletes an indicator with all its figures, if it is still at the given version.
func (s *Store) DeleteIndicator(ctx context.Context, by *yizhan.Principal, id string, version int64) error {
	return s.deleteLayer(ctx, by, indicatorTable, id, version)
}

const indicatorColumns = headColumns + `, kind, level, measure`

func scanIndicator(row pgx.CollectableRow) (i yizhan.Indicator, err error) {
	err = row.Scan(append(headOfLayer(&i.LayerHead), &i.Kind, &i.Level, &i.Measure)...)
	layerInUTC(&i.LayerHead)
	return i, err
}

// ListIndicators lists the indicators that the principal sees, by name, with the dates they have.
func (s *Store) ListIndicators(ctx context.Context, by *yizhan.Principal) (list []yizhan.Indicator, err error) {
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		list, err = collectIndicators(ctx, tx, ``)
		return err
	})
	return list, err
}

// FindIndicator gives an indicator that the principal sees.
func (s *Store) FindIndicator(ctx context.Context, by *yizhan.Principal, id string) (found *yizhan.Indicator, err error) {
	if !yizhan.IsLayerID(id) {
		return nil, indicatorTable.none()
	}
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		list, err := collectIndicators(ctx, tx, `WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return indicatorTable.none()
		}
		found = &list[0]
		return nil
	})
	return found, err
}

// IndicatorVersion gives the version of an indicator that the principal sees, and reads nothing else of it.
func (s *Store) IndicatorVersion(ctx context.Context, by *yizhan.Principal, id string) (version int64, err error) {
	if !yizhan.IsLayerID(id) {
		return 0, indicatorTable.none()
	}
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT version FROM indicators WHERE id = $1`, id).Scan(&version)
		if errors.Is(err, pgx.ErrNoRows) {
			return indicatorTable.none()
		}
		return err
	})
	return version, err
}

func collectIndicators(ctx context.Context, tx pgx.Tx, where string, arguments ...any) ([]yizhan.Indicator, error) {
	rows, err := tx.Query(ctx, `SELECT `+indicatorColumns+` FROM indicators `+where+` ORDER BY name COLLATE "C", id`, arguments...)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, scanIndicator)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(list))
	ids := make([]string, len(list))
	for n := range list {
		at[list[n].ID], ids[n] = n, list[n].ID
	}
	rows, err = tx.Query(ctx, `SELECT r.indicator, r.date, r.source, r.author, r.created_at, count(f.unit), coalesce(sum(f.value), 0), coalesce(bool_and(f.value = trunc(f.value)), true)
		FROM indicator_releases r LEFT JOIN indicator_figures f USING (indicator, date)
		WHERE r.indicator = ANY ($1) GROUP BY r.indicator, r.date ORDER BY r.date DESC`, ids)
	if err != nil {
		return nil, err
	}
	var id string
	var r yizhan.ReleaseHead
	_, err = pgx.ForEachRow(rows, []any{&id, &r.Date, &r.Source, &r.Author, &r.CreatedAt, &r.Figures, &r.Sum, &r.Whole}, func() error {
		r.CreatedAt = r.CreatedAt.UTC()
		list[at[id]].Releases = append(list[at[id]].Releases, r)
		return nil
	})
	return list, err
}

// Figures gives the figures of a date, by code; of the latest one if date is zero.
func (s *Store) Figures(ctx context.Context, by *yizhan.Principal, id string, date time.Time) (*yizhan.Indicator, *yizhan.Release, error) {
	i, err := s.FindIndicator(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	r := yizhan.Release{}
	for _, head := range i.Releases {
		if date.IsZero() || head.Date.Equal(date) {
			r.ReleaseHead = head
			break
		}
	}
	if r.Date.IsZero() {
		return nil, nil, yizhan.Errorf(yizhan.CodeNotFound, "date", "the indicator has no figures of this date")
	}
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT unit, value FROM indicator_figures WHERE indicator = $1 AND date = $2 ORDER BY unit`, id, r.Date)
		if err != nil {
			return err
		}
		r.Figures, err = pgx.CollectRows(rows, pgx.RowToStructByPos[yizhan.Figure])
		return err
	})
	return i, &r, err
}
