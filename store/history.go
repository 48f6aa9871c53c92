package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// maxReverted bounds the changes of a changeset that is reverted, and maxNamed the features that an error
// names.
const (
	maxReverted = 10_000
	maxNamed    = 20
)

// DryRunAs does all that ApplyAs does, and then undoes it: what it answers, and what it refuses, is what
// ApplyAs would. The numbers it gives are not kept.
func (s *Store) DryRunAs(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset) (yizhan.Applied, error) {
	if by == nil {
		return yizhan.Applied{}, yizhan.Errorf(yizhan.CodeForbidden, "", "nobody is signed in")
	}
	changeset.Author, changeset.Edits = by.User.Name, drafted(changeset.Edits)
	return s.applyPlan(ctx, by, changeset, true)
}

// FindChangeset gives a changeset, and those of its changes that come after a seq, in order, at most limit of
// them.
func (s *Store) FindChangeset(ctx context.Context, id, after int64, limit int) (info yizhan.ChangesetInfo, changes []yizhan.Change, err error) {
	if limit < 1 || limit > maxChanges {
		return info, nil, yizhan.Invalid("limit", "%d is not in 1..%d", limit, maxChanges)
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		if info, err = findChangeset(ctx, tx, id); err != nil {
			return err
		}
		changes, err = s.changesOf(ctx, tx, info, after, limit)
		return err
	})
	return info, changes, err
}

func findChangeset(ctx context.Context, tx pgx.Tx, id int64) (info yizhan.ChangesetInfo, err error) {
	err = tx.QueryRow(ctx, `SELECT id, at, author, reason, first_seq, last_seq FROM changesets WHERE id = $1`, id).
		Scan(&info.ID, &info.At, &info.Author, &info.Reason, &info.FirstSeq, &info.LastSeq)
	if errors.Is(err, pgx.ErrNoRows) {
		return info, yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no changeset %d", id)
	}
	info.At = info.At.UTC()
	return info, err
}

const changeSelection = `SELECT c.seq, c.changeset, s.at, s.author, c.op, c.collection, c.code, c.version,
	c.before, c.before_boundary, c.after, c.after_boundary FROM changes c JOIN changesets s ON s.id = c.changeset`

func (s *Store) changesOf(ctx context.Context, tx pgx.Tx, info yizhan.ChangesetInfo, after int64, limit int) ([]yizhan.Change, error) {
	rows, err := tx.Query(ctx, changeSelection+` WHERE c.seq > $1 AND c.seq <= $2 ORDER BY c.seq LIMIT $3`, max(after, info.FirstSeq-1), info.LastSeq, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, s.scanChange)
}

// History gives the changes of a feature before a seq, the latest first, at most limit of them; 0 is the end
// of the log. A feature that never was has none.
func (s *Store) History(ctx context.Context, ref yizhan.Ref, before int64, limit int) (entries []yizhan.HistoryEntry, err error) {
	if limit < 1 || limit > maxChanges {
		return nil, yizhan.Invalid("limit", "%d is not in 1..%d", limit, maxChanges)
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT c.seq, c.changeset, s.at, s.author, c.op, c.version, s.reason FROM changes c JOIN changesets s ON s.id = c.changeset
			WHERE c.collection = $1 AND c.code = $2 AND ($3 = 0 OR c.seq < $3) ORDER BY c.seq DESC LIMIT $4`, ref.Collection, ref.Code, before, limit)
		if err != nil {
			return err
		}
		entries, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e yizhan.HistoryEntry, err error) {
			err = row.Scan(&e.Seq, &e.ChangesetID, &e.At, &e.Author, &e.Op, &e.Version, &e.Reason)
			e.Ref, e.At = ref, e.At.UTC()
			return e, err
		})
		return err
	})
	return entries, err
}

// FindOneAt gives a feature as it was at a moment.
func (s *Store) FindOneAt(ctx context.Context, ref yizhan.Ref, at yizhan.Moment) (f yizhan.Feature, err error) {
	t := s.tables[ref.Collection]
	if t == nil || t.revive == nil || checkText("code", ref.Code) != nil || len(ref.Code) > maxCodeBytes {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no %s", clip(ref.String()))
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		condition, argument := "c.seq <= $3", any(at.Seq)
		if at.Seq == 0 {
			condition, argument = "s.at <= $3", at.Time
		} else if err := reached(ctx, tx, at.Seq); err != nil {
			return err
		}
		var last yizhan.Change
		rows, err := tx.Query(ctx, changeSelection+` WHERE c.collection = $1 AND c.code = $2 AND `+condition+` ORDER BY c.seq DESC LIMIT 1`, ref.Collection, ref.Code, argument)
		if err != nil {
			return err
		}
		if last, err = pgx.CollectExactlyOneRow(rows, s.scanChange); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if last.After == nil {
			return yizhan.Errorf(yizhan.CodeNotFound, "code", "there was no %s then", clip(ref.String()))
		}
		f = last.After
		return nil
	})
	return f, err
}

// Inverse makes the changeset that undoes another. It is a conflict if a feature was changed since; the error
// names those that were.
func (s *Store) Inverse(ctx context.Context, id int64) (inverse yizhan.Changeset, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		info, err := findChangeset(ctx, tx, id)
		if err != nil {
			return err
		}
		if info.LastSeq-info.FirstSeq >= maxReverted {
			return yizhan.Errorf(yizhan.CodeTooLarge, "id", "the changeset has %d changes; at most %d are reverted", info.LastSeq-info.FirstSeq+1, maxReverted)
		}
		changes, err := s.changesOf(ctx, tx, info, 0, maxReverted)
		if err != nil {
			return err
		}
		if err := changedSince(ctx, tx, info); err != nil {
			return err
		}
		inverse.Reason = fmt.Sprintf("reverts changeset %d", id)
		inverse.Edits, err = inverted(changes)
		return err
	})
	return inverse, err
}

// changedSince names the features of a changeset that later ones changed.
func changedSince(ctx context.Context, tx pgx.Tx, info yizhan.ChangesetInfo) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT ON (later.collection, later.code) later.collection || '/' || later.code || ' by changeset ' || later.changeset
		FROM changes ours JOIN changes later ON later.collection = ours.collection AND later.code = ours.code AND later.seq > $2
		WHERE ours.seq BETWEEN $1 AND $2 ORDER BY later.collection, later.code, later.seq DESC LIMIT $3`, info.FirstSeq, info.LastSeq, maxNamed+1)
	if err != nil {
		return err
	}
	named, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(named) == 0 {
		return err
	}
	more := ""
	if len(named) > maxNamed {
		named, more = named[:maxNamed], " and more"
	}
	return yizhan.Errorf(yizhan.CodeConflict, "id", "changed since: %s%s", strings.Join(named, ", "), more)
}

func inverted(changes []yizhan.Change) (edits []yizhan.Edit, err error) {
	for _, c := range changes {
		edit, isOne, err := invertedChange(c)
		if err != nil {
			return nil, err
		}
		if isOne {
			edits = append(edits, edit)
		}
	}
	if len(edits) == 0 {
		return nil, yizhan.Errorf(yizhan.CodeConflict, "id", "the changeset has nothing to revert")
	}
	return edits, nil
}

// invertedChange makes the edit that undoes a change; there is none for what only followed from another.
func invertedChange(c yizhan.Change) (edit yizhan.Edit, isOne bool, err error) {
	switch {
	case c.Ref.Collection == yizhan.Leaders:
		return edit, false, nil // their earlier state is not kept: they stay where they are
	case c.Op == yizhan.Create:
		return yizhan.Edit{Op: yizhan.Delete, Ref: c.Ref, BaseVersion: c.Version}, true, nil
	case c.Op == yizhan.Delete:
		return yizhan.CreateOf(c.Before), true, nil
	}
	return yizhan.Edit{Op: yizhan.Update, Ref: c.Ref, BaseVersion: c.Version, Feature: c.Before}, !impliedChange(c), nil
}

// impliedChange tells whether a scene only followed its micro-grids, as it will again.
func impliedChange(c yizhan.Change) bool {
	before, ok := c.Before.(*yizhan.FriendlyScene)
	after, also := c.After.(*yizhan.FriendlyScene)
	return ok && also && before.Name == after.Name && before.Kind == after.Kind && before.Synthetic == after.Synthetic &&
		slices.Equal(before.MicroGrids, after.MicroGrids) && slices.Equal(before.Stations, after.Stations) &&
		!reflect.DeepEqual(before.Boundary, after.Boundary)
}
