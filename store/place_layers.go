package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// CreatePlaceLayer keeps a new layer of places, and gives it as it is kept.
func (s *Store) CreatePlaceLayer(ctx context.Context, by *yizhan.Principal, l yizhan.PlaceLayer) (*yizhan.PlaceLayer, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	l.ID, l.Author = newScenarioID(), authorOf(by)
	err := s.writeLayer(ctx, by, placeTable, layerWrite{act: "layers.create", unit: l.Unit, detail: countDetail("places", len(l.Places)), do: func(tx pgx.Tx) (string, error) {
		if err := checkLayerUnit(ctx, tx, l.Unit); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, `INSERT INTO place_layers (id, name, note, unit, public, author, synthetic, version, source, date)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)`,
			l.ID, l.Name, l.Note, l.Unit, l.Public, l.Author, l.Synthetic, l.Source, l.Date)
		if err != nil {
			return "", err
		}
		return l.ID, insertPlaces(ctx, tx, &l)
	}})
	return s.keptPlaceLayer(ctx, by, l.ID, err)
}

// insertPlaces puts the places of a layer in, each with the community that it lies in.
func insertPlaces(ctx context.Context, tx pgx.Tx, l *yizhan.PlaceLayer) error {
	names, kinds, notes, locations := []string{}, []string{}, []string{}, [][]byte{}
	for _, p := range l.Places {
		location, err := encodePoint(&p.Location)
		if err != nil {
			return err
		}
		names, kinds, notes, locations = append(names, p.Name), append(kinds, p.Kind), append(notes, p.Note), append(locations, location)
	}
	// A point on a border lies in the first of its communities.
	_, err := tx.Exec(ctx, `INSERT INTO places (layer, n, name, kind, note, location, community)
		SELECT $1, p.n, p.name, p.kind, p.note, p.location, coalesce((SELECT u.code FROM units u
			WHERE u.level = 'community' AND u.boundary && p.location AND ST_Intersects(u.boundary, p.location) ORDER BY u.code LIMIT 1), '')
		FROM unnest($2::text[], $3::text[], $4::text[], $5::geometry[]) WITH ORDINALITY AS p (name, kind, note, location, n)`,
		l.ID, names, kinds, notes, locations)
	return err
}

func (s *Store) keptPlaceLayer(ctx context.Context, by *yizhan.Principal, id string, err error) (*yizhan.PlaceLayer, error) {
	if err != nil {
		return nil, err
	}
	return s.FindPlaceLayer(ctx, by, id)
}

// ReplacePlaceLayer replaces all of the layer with the same ID but the unit that it is about, if it is still at
// the given one's Version.
func (s *Store) ReplacePlaceLayer(ctx context.Context, by *yizhan.Principal, l yizhan.PlaceLayer) (*yizhan.PlaceLayer, error) {
	unit, err := s.unitOfLayer(ctx, by, placeTable, l.ID)
	if err != nil {
		return nil, err
	}
	l.Unit = unit
	if err := l.Validate(); err != nil {
		return nil, err
	}
	err = s.writeLayer(ctx, by, placeTable, layerWrite{act: "layers.update", unit: unit, detail: countDetail("places", len(l.Places)), do: func(tx pgx.Tx) (string, error) {
		if err := placeTable.touch(ctx, tx, l.ID, l.Version); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, `UPDATE place_layers SET name = $2, note = $3, public = $4, source = $5, date = $6 WHERE id = $1`, l.ID, l.Name, l.Note, l.Public, l.Source, l.Date)
		if err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM places WHERE layer = $1`, l.ID); err != nil {
			return "", err
		}
		return l.ID, insertPlaces(ctx, tx, &l)
	}})
	return s.keptPlaceLayer(ctx, by, l.ID, err)
}

// DeletePlaceLayer deletes a layer with its places, if it is still at the given version.
func (s *Store) DeletePlaceLayer(ctx context.Context, by *yizhan.Principal, id string, version int64) error {
	return s.deleteLayer(ctx, by, placeTable, id, version)
}

const placeLayerColumns = headColumns + `, source, date, (SELECT count(*) FROM places p WHERE p.layer = l.id)`

func scanPlaceLayer(row pgx.CollectableRow) (l yizhan.PlaceLayer, err error) {
	err = row.Scan(append(headOfLayer(&l.LayerHead), &l.Source, &l.Date, &l.Count)...)
	layerInUTC(&l.LayerHead)
	return l, err
}

// ListPlaceLayers lists the layers that the principal sees, by name, without their places.
func (s *Store) ListPlaceLayers(ctx context.Context, by *yizhan.Principal) (list []yizhan.PlaceLayer, err error) {
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+placeLayerColumns+` FROM place_layers l ORDER BY name COLLATE "C", id`)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanPlaceLayer)
		return err
	})
	return list, err
}

// FindPlaceLayer gives a layer that the principal sees, with its places in the order of their table.
func (s *Store) FindPlaceLayer(ctx context.Context, by *yizhan.Principal, id string) (found *yizhan.PlaceLayer, err error) {
	if !yizhan.IsLayerID(id) {
		return nil, placeTable.none()
	}
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+placeLayerColumns+` FROM place_layers l WHERE id = $1`, id)
		if err != nil {
			return err
		}
		l, err := pgx.CollectExactlyOneRow(rows, scanPlaceLayer)
		if errors.Is(err, pgx.ErrNoRows) {
			return placeTable.none()
		}
		if err != nil {
			return err
		}
		found = &l
		return collectPlaces(ctx, tx, found)
	})
	return found, err
}

func collectPlaces(ctx context.Context, tx pgx.Tx, l *yizhan.PlaceLayer) error {
	rows, err := tx.Query(ctx, `SELECT name, kind, note, location, community FROM places WHERE layer = $1 ORDER BY n`, l.ID)
	if err != nil {
		return err
	}
	l.Places, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (p yizhan.LayerPlace, err error) {
		var location []byte
		if err := row.Scan(&p.Name, &p.Kind, &p.Note, &location, &p.Community); err != nil {
			return p, err
		}
		at, err := decodePoint(location)
		if err == nil {
			p.Location = *at
		}
		return p, err
	})
	return err
}
