package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// doorbell is the channel on which commits are announced.
const doorbell = "yizhan_changes"

// maxChanges bounds what one call of Changes gives.
const maxChanges = 10_000

var changeColumns = []string{"seq", "changeset", "op", "collection", "code", "version",
	"before", "before_boundary", "after", "after_boundary"}

// log appends the changes. Everything else has been done: taking the numbers makes all other writers
// wait until this transaction ends, so that seq order is commit order.
func (a *attempt) log(ctx context.Context) (applied yizhan.Applied, err error) {
	edits := slices.Concat(a.plan.edits, a.implied)
	rows, err := a.changeRows(ctx, edits)
	if err != nil {
		return applied, err
	}
	err = a.tx.QueryRow(ctx, `UPDATE change_head SET seq = seq + $1 RETURNING seq`, len(edits)).Scan(&applied.LastSeq)
	if err != nil {
		return applied, fmt.Errorf("take numbers: %w", err)
	}
	applied.FirstSeq = applied.LastSeq - int64(len(edits)) + 1
	if err := noteChangeset(ctx, a.tx, a.plan.author, a.plan.reason, &applied); err != nil {
		return applied, err
	}
	for i, row := range rows {
		row[0], row[1] = applied.FirstSeq+int64(i), applied.ChangesetID
	}
	if _, err := a.tx.CopyFrom(ctx, pgx.Identifier{"changes"}, changeColumns, pgx.CopyFromRows(rows)); err != nil {
		return applied, err
	}
	_, err = a.tx.Exec(ctx, `SELECT pg_notify($1, $2)`, doorbell, strconv.FormatInt(applied.LastSeq, 10))
	return applied, err
}

// noteChangeset gives the changes their changeset, which follow each other in the log.
func noteChangeset(ctx context.Context, tx pgx.Tx, author, reason string, applied *yizhan.Applied) error {
	return tx.QueryRow(ctx, `INSERT INTO changesets (author, reason, first_seq, last_seq) VALUES ($1, $2, $3, $4) RETURNING id`,
		author, reason, applied.FirstSeq, applied.LastSeq).Scan(&applied.ChangesetID)
}

// changeRows makes the rows of the log without the numbers.
func (a *attempt) changeRows(ctx context.Context, edits []*edit) ([][]any, error) {
	shapes, err := a.sceneShapes(ctx, edits)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, len(edits))
	for i, e := range edits {
		var before, beforeShape []byte
		if f := a.before[e.ref]; f != nil {
			if before, beforeShape, err = a.imageBefore(f); err != nil {
				return nil, err
			}
		}
		after := e.shape
		if e.ref.Collection == yizhan.FriendlyScenes && e.op != yizhan.Delete {
			after = shapes[e.ref.Code]
		}
		rows[i] = []any{nil, nil, string(e.op), string(e.ref.Collection), e.ref.Code, e.version(), before, beforeShape, e.record, after}
	}
	return rows, nil
}

func (a *attempt) imageBefore(f yizhan.Feature) (record, shape []byte, err error) {
	record, shape, err = a.store.tables[f.Ref().Collection].image(f)
	if scene, ok := f.(*yizhan.FriendlyScene); ok && err == nil {
		shape, err = encodeShape(scene.Boundary)
	}
	return record, shape, err
}

// sceneShapes gives the boundaries that the scenes among the edits have now.
func (a *attempt) sceneShapes(ctx context.Context, edits []*edit) (map[string][]byte, error) {
	shapes := map[string][]byte{}
	for _, e := range edits {
		if e.ref.Collection == yizhan.FriendlyScenes && e.op != yizhan.Delete {
			shapes[e.ref.Code] = nil
		}
	}
	if len(shapes) == 0 {
		return shapes, nil
	}
	rows, err := a.tx.Query(ctx, `SELECT f.code, `+sceneShape+` FROM friendly_scenes f WHERE f.code = ANY ($1)`, sortedKeys(shapes))
	if err != nil {
		return nil, err
	}
	var code string
	var shape []byte
	_, err = pgx.ForEachRow(rows, []any{&code, &shape}, func() error {
		shapes[code], shape = shape, nil
		return nil
	})
	return shapes, err
}

// Changes gives the changes after a seq, in order, at most limit of them and at most 10,000. There is no
// hole in what it gives: a change that is missing was never made.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]yizhan.Change, error) {
	if limit < 1 {
		return nil, yizhan.Invalid("limit", "%d is not at least 1", limit)
	}
	rows, err := s.pool.Query(ctx, changeSelection+` WHERE c.seq > $1 ORDER BY c.seq LIMIT $2`, after, min(limit, maxChanges))
	if err != nil {
		return nil, translate(ctx, err)
	}
	changes, err := pgx.CollectRows(rows, s.scanChange)
	return changes, translate(ctx, err)
}

// StationChanges gives the changes of stations since a time, up to a seq, in order and at most limit of them, and
// when the log begins: zero before its first change.
func (s *Store) StationChanges(ctx context.Context, since time.Time, upTo int64, limit int) (changes []yizhan.Change, begins time.Time, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		var first *time.Time
		if err := tx.QueryRow(ctx, `SELECT min(at) FROM changesets`).Scan(&first); err != nil || first == nil {
			return err
		}
		begins = first.UTC()
		rows, err := tx.Query(ctx, changeSelection+` WHERE c.collection = 'stations' AND s.at >= $1 AND c.seq <= $2 ORDER BY c.seq LIMIT $3`, since, upTo, limit)
		if err != nil {
			return err
		}
		changes, err = pgx.CollectRows(rows, s.scanChange)
		return err
	})
	return changes, begins, err
}

func (s *Store) scanChange(row pgx.CollectableRow) (c yizhan.Change, err error) {
	var before, beforeShape, after, afterShape []byte
	err = row.Scan(&c.Seq, &c.ChangesetID, &c.At, &c.Author, &c.Op, &c.Ref.Collection, &c.Ref.Code, &c.Version,
		&before, &beforeShape, &after, &afterShape)
	if err != nil {
		return c, err
	}
	c.At = c.At.UTC()
	t := s.tables[c.Ref.Collection]
	if before != nil {
		version := c.Version
		if c.Op == yizhan.Update {
			version--
		}
		if c.Before, err = t.revive(key{c.Ref.Code, version}, before, beforeShape); err != nil {
			return c, fmt.Errorf("read change %d: %w", c.Seq, err)
		}
	}
	if after != nil {
		if c.After, err = t.revive(key{c.Ref.Code, c.Version}, after, afterShape); err != nil {
			return c, fmt.Errorf("read change %d: %w", c.Seq, err)
		}
	}
	return c, nil
}

const lastSeq = `SELECT seq FROM change_head`

// LastSeq gives the seq of the last change, 0 before the first.
func (s *Store) LastSeq(ctx context.Context) (seq int64, err error) {
	err = translate(ctx, s.pool.QueryRow(ctx, lastSeq).Scan(&seq))
	return seq, err
}

// Listen calls ring once it listens and then after each commit that appended changes, until ctx ends or
// the connection breaks; it never returns nil. A ring may be lost with the connection: it says that it is
// worth looking at Changes, not what changed.
func (s *Store) Listen(ctx context.Context, ring func()) error {
	config := s.pool.Config().ConnConfig
	config.RuntimeParams["application_name"] = "yizhan feed"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return translate(ctx, fmt.Errorf("listen: %w", err))
	}
	err = listen(ctx, conn, ring)
	closing, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return translate(ctx, errors.Join(err, ignoreLoss(conn.Close(closing))))
}

func listen(ctx context.Context, conn *pgx.Conn, ring func()) error {
	if _, err := conn.Exec(ctx, `LISTEN `+doorbell); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		ring()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("wait for a notification: %w", err)
		}
	}
}

func ignoreLoss(err error) error {
	if err != nil && isConnectionLoss(err) {
		return nil
	}
	return err
}
