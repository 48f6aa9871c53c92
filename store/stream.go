package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/yizhan/yizhan"
)

// A changeset that is too large to be held at once goes in part by part, all parts in one transaction. What a
// part changed is kept beside the log, in a table of the transaction, and is appended to the log at the end, when
// the numbers are taken: other writers wait for that, and not for the whole import
// (docs/decisions/0017-imports.md).

const (
	streamPart   = 10_000    // edits
	maxStreamed  = 5_000_000 // edits
	streamTimers = `SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '1min'`
)

// ApplyStream is Apply for a changeset of any length.
func (s *Store) ApplyStream(ctx context.Context, stream yizhan.Stream) (yizhan.Applied, error) {
	return s.applyStream(ctx, yizhan.System(stream.Author), stream)
}

// ApplyStreamAs is ApplyAs for a changeset of any length.
func (s *Store) ApplyStreamAs(ctx context.Context, by *yizhan.Principal, stream yizhan.Stream) (yizhan.Applied, error) {
	if by == nil {
		return yizhan.Applied{}, yizhan.Errorf(yizhan.CodeForbidden, "", "nobody is signed in")
	}
	stream.Author = by.User.Name
	return s.applyStream(ctx, by, stream)
}

func (s *Store) applyStream(ctx context.Context, by *yizhan.Principal, stream yizhan.Stream) (yizhan.Applied, error) {
	for n := 1; ; n++ {
		run := &streaming{store: s, by: by, stream: stream}
		applied, err := run.once(ctx)
		switch {
		case err == nil:
			return applied, nil
		case n < maxAttempts && isTransient(err) && pause(ctx, n):
			s.logger.DebugContext(ctx, "repeating a streamed changeset", "attempt", n, "cause", err)
		case run.last != nil:
			return yizhan.Applied{}, translate(ctx, s.locate(ctx, run.last, err))
		default:
			return yizhan.Applied{}, translate(ctx, err)
		}
	}
}

// streaming is one attempt at a stream.
type streaming struct {
	store  *Store
	by     *yizhan.Principal
	stream yizhan.Stream
	tx     pgx.Tx
	last   *plan // the part that went in last, to find what is wrong in it
	count  int64 // changes so far
	edits  int64
}

func (r *streaming) once(ctx context.Context) (applied yizhan.Applied, err error) {
	if r.tx, err = r.store.pool.Begin(ctx); err != nil {
		return applied, err
	}
	defer func() { err = errors.Join(err, rollback(r.tx)) }()
	if applied, err = r.run(ctx); err != nil {
		return applied, err
	}
	if err := r.tx.Commit(ctx); err != nil {
		var said *pgconn.PgError
		if !errors.As(err, &said) {
			return applied, because(yizhan.CodeUnavailable, "", err, "the connection broke while the changeset was committed; look at the features before sending it again")
		}
		return applied, err
	}
	return applied, nil
}

func (r *streaming) run(ctx context.Context) (applied yizhan.Applied, err error) {
	if _, err := r.tx.Exec(ctx, streamTimers+`;
		CREATE TEMP TABLE pending_changes (LIKE changes) ON COMMIT DROP`); err != nil {
		return applied, err
	}
	if err := r.parts(ctx); err != nil {
		return applied, err
	}
	if r.edits == 0 {
		return applied, yizhan.Invalid("edits", "a changeset has at least one edit")
	}
	if _, err := r.tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
		return applied, err
	}
	return r.log(ctx)
}

// parts applies the edits part by part. The next part is read and encoded while the database is busy with one.
func (r *streaming) parts(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type planned struct {
		plan *plan
		err  error
	}
	ahead := make(chan planned, 1)
	go func() {
		defer close(ahead)
		r.planned(func(p *plan, err error) bool {
			select {
			case ahead <- planned{p, err}:
				return err == nil
			case <-ctx.Done():
				return false
			}
		})
	}()
	for next := range ahead {
		if next.err != nil {
			return next.err
		}
		if r.edits += int64(len(next.plan.edits)); r.edits > maxStreamed {
			return yizhan.Errorf(yizhan.CodeTooLarge, "edits", "a changeset has at most %d edits", maxStreamed)
		}
		r.last = next.plan
		if err := r.part(ctx, next.plan); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// planned makes plans of the edits, in parts.
func (r *streaming) planned(yield func(*plan, error) bool) {
	var edits []yizhan.Edit
	for edit, err := range r.stream.Edits {
		if err != nil {
			yield(nil, err)
			return
		}
		if edits = append(edits, edit); len(edits) < streamPart {
			continue
		}
		if !yield(r.plan(edits)) {
			return
		}
		edits = edits[:0:0]
	}
	if len(edits) > 0 {
		yield(r.plan(edits))
	}
}

func (r *streaming) plan(edits []yizhan.Edit) (*plan, error) {
	if !r.by.System {
		edits = drafted(edits)
	}
	return r.store.plan(yizhan.Changeset{Author: r.stream.Author, Reason: r.stream.Reason, Edits: edits})
}

func (r *streaming) part(ctx context.Context, p *plan) error {
	a := &attempt{store: r.store, tx: r.tx, by: r.by, plan: p, before: map[yizhan.Ref]yizhan.Feature{}}
	for _, step := range []func(context.Context) error{
		a.lock, a.require, a.loadBefore, a.authorize, a.imply,
		a.restrict, a.create, a.update, a.release, a.writeImplied, a.restrict, a.remove, a.release,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	rows, err := a.changeRows(ctx, slices.Concat(p.edits, a.implied))
	if err != nil {
		return err
	}
	for _, row := range rows {
		r.count++
		row[0], row[1] = r.count, 0
	}
	_, err = r.tx.CopyFrom(ctx, pgx.Identifier{"pending_changes"}, changeColumns, pgx.CopyFromRows(rows))
	return err
}

// log appends what was kept beside the log, and notes who did it.
func (r *streaming) log(ctx context.Context) (applied yizhan.Applied, err error) {
	err = r.tx.QueryRow(ctx, `UPDATE change_head SET seq = seq + $1 RETURNING seq`, r.count).Scan(&applied.LastSeq)
	if err != nil {
		return applied, fmt.Errorf("take numbers: %w", err)
	}
	applied.FirstSeq = applied.LastSeq - r.count + 1
	if err := noteChangeset(ctx, r.tx, r.stream.Author, r.stream.Reason, &applied); err != nil {
		return applied, err
	}
	// All others wait while this runs, so it does not sort: the rows lie as they came.
	if _, err := r.tx.Exec(ctx, `INSERT INTO changes (seq, changeset, op, collection, code, version, before, before_boundary, after, after_boundary)
		SELECT seq + $1, $2, op, collection, code, version, before, before_boundary, after, after_boundary FROM pending_changes`,
		applied.FirstSeq-1, applied.ChangesetID); err != nil {
		return applied, err
	}
	if _, err := r.tx.Exec(ctx, `SELECT pg_notify($1, $2)`, doorbell, strconv.FormatInt(applied.LastSeq, 10)); err != nil {
		return applied, err
	}
	if r.by.System {
		return applied, nil
	}
	return applied, audit(ctx, r.tx, r.by, "changes.apply", fmt.Sprintf("changesets/%d", applied.ChangesetID),
		map[string]string{"edits": fmt.Sprint(r.edits), "first_seq": fmt.Sprint(applied.FirstSeq), "last_seq": fmt.Sprint(applied.LastSeq)})
}

// RevertAs undoes a changeset of any length, by a new one. It is a conflict if a feature was changed since.
func (s *Store) RevertAs(ctx context.Context, by *yizhan.Principal, id int64) (yizhan.Applied, error) {
	var info yizhan.ChangesetInfo
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		if info, err = findChangeset(ctx, tx, id); err != nil {
			return err
		}
		return changedSince(ctx, tx, info)
	})
	if err != nil {
		return yizhan.Applied{}, err
	}
	return s.ApplyStreamAs(ctx, by, yizhan.Stream{
		Reason: fmt.Sprintf("reverts changeset %d", id),
		Edits: func(yield func(yizhan.Edit, error) bool) {
			for _, op := range []yizhan.Op{yizhan.Delete, yizhan.Update, yizhan.Create} { // brings back, restores, takes away
				if !s.invertedOf(ctx, info, op, yield) {
					return
				}
			}
		},
	})
}

// invertedOf gives the edits that undo the changes of one op, page by page; false if that is to end.
func (s *Store) invertedOf(ctx context.Context, info yizhan.ChangesetInfo, op yizhan.Op, yield func(yizhan.Edit, error) bool) bool {
	for after := info.FirstSeq - 1; ; {
		var changes []yizhan.Change
		err := s.read(ctx, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, changeSelection+` WHERE c.seq > $1 AND c.seq <= $2 AND c.op = $3 ORDER BY c.seq LIMIT $4`, after, info.LastSeq, op, streamPart)
			if err != nil {
				return err
			}
			changes, err = pgx.CollectRows(rows, s.scanChange)
			return err
		})
		if err != nil {
			yield(yizhan.Edit{}, err)
			return false
		}
		for _, c := range changes {
			edit, isOne, err := invertedChange(c)
			if (isOne || err != nil) && !yield(edit, err) || err != nil {
				return false
			}
			after = c.Seq
		}
		if len(changes) < streamPart {
			return true
		}
	}
}
