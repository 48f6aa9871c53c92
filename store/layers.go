package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// layerTable is a table of layers: indicators or place_layers.
type layerTable struct {
	table    string
	singular string // in messages
}

var (
	indicatorTable = layerTable{"indicators", "indicator"}
	placeTable     = layerTable{"place_layers", "place layer"}
)

// headColumns are the columns of yizhan.LayerHead, in the order of headOfLayer.
const headColumns = `id, name, note, unit, public, author, synthetic, version, created_at, updated_at`

func headOfLayer(h *yizhan.LayerHead) []any {
	return []any{&h.ID, &h.Name, &h.Note, &h.Unit, &h.Public, &h.Author, &h.Synthetic, &h.Version, &h.CreatedAt, &h.UpdatedAt}
}

func layerInUTC(h *yizhan.LayerHead) { h.CreatedAt, h.UpdatedAt = h.CreatedAt.UTC(), h.UpdatedAt.UTC() }

func (t layerTable) none() error {
	return yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such %s", t.singular)
}

// authorOf is who makes a layer; nobody, of whom nothing is kept, is a guest.
func authorOf(by *yizhan.Principal) string {
	if by == nil {
		return ""
	}
	return by.User.Name
}

// readFor runs do as the role that sees what the principal may: what is public, and to staff all.
func (s *Store) readFor(ctx context.Context, by *yizhan.Principal, do func(pgx.Tx) error) error {
	return s.read(ctx, func(tx pgx.Tx) error {
		if err := seeAs(ctx, tx, by); err != nil {
			return err
		}
		if by == nil || !by.System {
			if _, err := tx.Exec(ctx, `SET LOCAL ROLE yizhan_staff`); err != nil {
				return err
			}
		}
		return do(tx)
	})
}

func seeAs(ctx context.Context, tx pgx.Tx, by *yizhan.Principal) error {
	reads := ""
	if by.May(yizhan.ActReadStaff, "") {
		reads = "staff"
	}
	_, err := tx.Exec(ctx, `SELECT set_config('yizhan.reads', $1, true)`, reads)
	return err
}

// layerWrite is a change of a layer and what the audit trail says of it.
type layerWrite struct {
	act    string
	unit   string // that the layer is about
	detail map[string]string
	do     func(pgx.Tx) (id string, err error)
}

// writeLayer makes a change in the name of a person. Whether they may is decided twice, as in ApplyAs: here
// and by row-level security.
func (s *Store) writeLayer(ctx context.Context, by *yizhan.Principal, t layerTable, w layerWrite) error {
	if !by.May(yizhan.ActEditLayers, w.unit) {
		return mayNot("edit layers", w.unit)
	}
	return s.write(ctx, func(tx pgx.Tx) error {
		if err := restrictToLayers(ctx, tx, by); err != nil {
			return err
		}
		id, err := w.do(tx)
		if err != nil || by.System {
			return err
		}
		if _, err := tx.Exec(ctx, `SET LOCAL ROLE NONE`); err != nil {
			return err
		}
		return audit(ctx, tx, by, w.act, t.table+"/"+id, w.detail)
	})
}

func restrictToLayers(ctx context.Context, tx pgx.Tx, by *yizhan.Principal) error {
	if by.System {
		return nil
	}
	if err := seeAs(ctx, tx, by); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT set_config('yizhan.scope', $1, true)`, scopeOf(by)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SET LOCAL ROLE yizhan_staff`)
	return err
}

// checkUnits refuses units that are not there, or not of a level. Field names the first of them.
func checkUnits(ctx context.Context, tx pgx.Tx, codes []string, level yizhan.Level) error {
	var at int
	err := tx.QueryRow(ctx, `SELECT n FROM unnest($1::text[]) WITH ORDINALITY AS given (code, n)
		WHERE NOT EXISTS (SELECT FROM units u WHERE u.code = given.code AND u.level = $2) ORDER BY n LIMIT 1`, codes, string(level)).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return yizhan.InList("values", at-1, yizhan.Invalid("unit", "there is no %s with the code %s", level, clip(codes[at-1])))
}

// checkLayerUnit refuses a layer about a unit that is not there.
func checkLayerUnit(ctx context.Context, tx pgx.Tx, unit string) error {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM units WHERE code = $1)`, unit).Scan(&there); err != nil {
		return err
	}
	if !there {
		return yizhan.Invalid("unit", "there is no such unit")
	}
	return nil
}

// unitOfLayer gives the unit of a layer that the principal sees.
func (s *Store) unitOfLayer(ctx context.Context, by *yizhan.Principal, t layerTable, id string) (unit string, err error) {
	if !yizhan.IsLayerID(id) {
		return "", t.none()
	}
	err = s.readFor(ctx, by, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT unit FROM `+t.table+` WHERE id = $1`, id).Scan(&unit)
		if errors.Is(err, pgx.ErrNoRows) {
			return t.none()
		}
		return err
	})
	return unit, err
}

// touch raises the version of a layer that is still at the one that a change was based on.
func (t layerTable) touch(ctx context.Context, tx pgx.Tx, id string, base int64) error {
	err := tx.QueryRow(ctx, `UPDATE `+t.table+` SET version = version + 1, updated_at = clock_timestamp()
		WHERE id = $1 AND version = $2 RETURNING version`, id, base).Scan(&base)
	return t.whyNot(ctx, tx, id, base, err)
}

// delete deletes a layer that is still at a version.
func (t layerTable) delete(ctx context.Context, tx pgx.Tx, id string, base int64) error {
	err := tx.QueryRow(ctx, `DELETE FROM `+t.table+` WHERE id = $1 AND version = $2 RETURNING version`, id, base).Scan(&base)
	return t.whyNot(ctx, tx, id, base, err)
}

// whyNot explains why no row was at the version that a change was based on.
func (t layerTable) whyNot(ctx context.Context, tx pgx.Tx, id string, base int64, err error) error {
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	var version int64
	err = tx.QueryRow(ctx, `SELECT version FROM `+t.table+` WHERE id = $1`, id).Scan(&version)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return t.none()
	case err != nil:
		return err
	case version == base: // row-level security hid it from the change
		return yizhan.Errorf(yizhan.CodeForbidden, "", "you may not change this %s", t.singular)
	}
	return yizhan.Errorf(yizhan.CodeConflict, "version", "the %s is at version %d, the edit was based on version %d", t.singular, version, base)
}

func (s *Store) deleteLayer(ctx context.Context, by *yizhan.Principal, t layerTable, id string, version int64) error {
	unit, err := s.unitOfLayer(ctx, by, t, id)
	if err != nil {
		return err
	}
	return s.writeLayer(ctx, by, t, layerWrite{act: "layers.delete", unit: unit, do: func(tx pgx.Tx) (string, error) {
		return id, t.delete(ctx, tx, id, version)
	}})
}

func countDetail(what string, n int) map[string]string { return map[string]string{what: fmt.Sprint(n)} }
