package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

const (
	maxAttempts = 6
	firstPause  = 5 * time.Millisecond
	chunk       = 10_000 // updates that go into one statement
)

// Apply checks a changeset and applies it in one transaction, all of it or nothing, and appends one
// change for each feature touched, in the order of the edits. A friendly scene whose micro-grids get
// another boundary is touched too: it goes up one version, and its change follows those of the edits. So do
// those of what stands on ground that a person divides anew (see follow).
//
// Creates run first, then updates, then deletes, each in the order in which collections refer to each
// other, so the order of edits is free.
//
// Apply is for the commands of who runs the server, which may change everything; for people, see ApplyAs.
func (s *Store) Apply(ctx context.Context, changeset yizhan.Changeset) (yizhan.Applied, error) {
	return s.apply(ctx, yizhan.System(changeset.Author), changeset)
}

func (s *Store) apply(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset) (yizhan.Applied, error) {
	return s.applyPlan(ctx, by, changeset, false)
}

// applyPlan applies a changeset, or only tries whether it could be applied.
func (s *Store) applyPlan(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset, dry bool) (yizhan.Applied, error) {
	p, err := s.plan(changeset)
	if err != nil {
		return yizhan.Applied{}, err
	}
	p.dry = dry
	return s.run(ctx, by, p)
}

// applyWith applies a changeset together with something else: both, or neither.
func (s *Store) applyWith(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset, also func(context.Context, pgx.Tx) error) (yizhan.Applied, error) {
	p, err := s.plan(changeset)
	if err != nil {
		return yizhan.Applied{}, err
	}
	p.also = also
	return s.run(ctx, by, p)
}

// run runs a plan, again if it surely had no effect and may then succeed.
func (s *Store) run(ctx context.Context, by *yizhan.Principal, p *plan) (yizhan.Applied, error) {
	for n := 1; ; n++ {
		applied, err := s.attempt(ctx, by, p)
		switch {
		case err == nil:
			return applied, nil
		case n < maxAttempts && isTransient(err) && pause(ctx, n):
			s.logger.DebugContext(ctx, "repeating a changeset", "attempt", n, "cause", err)
		default:
			return yizhan.Applied{}, s.explain(ctx, p, translate(ctx, s.locate(ctx, p, err)))
		}
	}
}

// isTransient tells whether the transaction surely had no effect and may succeed when repeated.
func isTransient(err error) bool {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code == "40001" || said.Code == "40P01"
	}
	return pgconn.SafeToRetry(err)
}

// pause waits before attempt n+1, longer each time; false if ctx ended.
func pause(ctx context.Context, n int) bool {
	wait := firstPause << n
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait/2 + rand.N(wait)):
		return true
	}
}

// attempt runs the plan in a transaction of its own.
func (s *Store) attempt(ctx context.Context, by *yizhan.Principal, p *plan) (applied yizhan.Applied, err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return applied, err
	}
	// Without ctx: it may have ended, and the connection should go back in order.
	defer func() { err = errors.Join(err, rollback(tx)) }()
	a := &attempt{store: s, tx: tx, by: by, plan: p, before: map[yizhan.Ref]yizhan.Feature{}}
	if applied, err = a.run(ctx); err != nil {
		return applied, err
	}
	if p.dry {
		return applied, nil
	}
	if err := tx.Commit(ctx); err != nil {
		var said *pgconn.PgError
		if !errors.As(err, &said) {
			return applied, because(yizhan.CodeUnavailable, "", err, "the connection broke while the changeset was committed; look at the features before sending it again")
		}
		return applied, err
	}
	return applied, nil
}

func rollback(tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) && !isConnectionLoss(err) {
		return err
	}
	return nil
}

// attempt is one run of a plan.
type attempt struct {
	store   *Store
	tx      pgx.Tx
	by      *yizhan.Principal
	plan    *plan
	implied []*edit // of what changes because a micro-grid does
	before  map[yizhan.Ref]yizhan.Feature
}

func (a *attempt) run(ctx context.Context) (yizhan.Applied, error) {
	// A city goes in at once: more time than for a read. ctx is what really bounds it.
	if _, err := a.tx.Exec(ctx, `SET LOCAL statement_timeout = '5min'; SET LOCAL lock_timeout = '1min'`); err != nil {
		return yizhan.Applied{}, err
	}
	for _, step := range []func(context.Context) error{
		a.lock, a.require, a.loadBefore, a.authorize, a.checkShapes, a.imply,
		a.restrict, a.create, a.update, a.release, a.follow, a.restrict, a.remove, a.release, a.accompany, a.settle,
	} {
		if err := step(ctx); err != nil {
			return yizhan.Applied{}, err
		}
	}
	applied, err := a.log(ctx)
	if err != nil {
		return applied, err
	}
	return applied, a.audit(ctx, applied)
}

// lock locks the features to update and delete, in one order for all writers, and compares versions.
func (a *attempt) lock(ctx context.Context) error {
	for _, collection := range yizhan.Collections() {
		g := a.plan.groups[collection]
		if err := a.lockEdits(ctx, collection, g.updates, g.deletes); err != nil {
			return err
		}
		if collection == yizhan.MicroGrids {
			if err := a.lockMembers(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *attempt) lockEdits(ctx context.Context, collection yizhan.Collection, updates, deletes []*edit) error {
	if len(updates)+len(deletes) == 0 {
		return nil
	}
	strength := "NO KEY UPDATE" // lets others go on to refer to the feature
	if len(deletes) > 0 {
		strength = "UPDATE"
	}
	rows, err := a.tx.Query(ctx, fmt.Sprintf(`SELECT code, version FROM %s WHERE code = ANY ($1) ORDER BY code FOR %s`,
		collection, strength), codesOf(updates, deletes))
	if err != nil {
		return err
	}
	current := map[string]int64{}
	var code string
	var version int64
	if _, err := pgx.ForEachRow(rows, []any{&code, &version}, func() error {
		current[code] = version
		return nil
	}); err != nil {
		return err
	}
	for _, e := range slices.Concat(updates, deletes) {
		version, exists := current[e.ref.Code]
		if !exists || version != e.base {
			return a.conflict(ctx, e, version, otherVersions(slices.Concat(updates, deletes), current))
		}
	}
	return nil
}

// otherVersions lists the edits that are not based on the versions which are there.
func otherVersions(edits []*edit, current map[string]int64) (conflicts []yizhan.Conflict) {
	for _, e := range edits {
		if current[e.ref.Code] != e.base && len(conflicts) < maxConflicts {
			conflicts = append(conflicts, yizhan.Conflict{Ref: e.ref, Base: e.base})
		}
	}
	return conflicts
}

// conflict says what somebody else did first: changed the feature, or deleted it.
func (a *attempt) conflict(ctx context.Context, e *edit, version int64, all []yizhan.Conflict) error {
	err := yizhan.Errorf(yizhan.CodeConflict, "version", "%s is at version %d, the edit was based on version %d", e.ref, version, e.base)
	if version == 0 {
		var known bool
		if err := a.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM changes WHERE collection = $1 AND code = $2 AND version = $3)`, e.ref.Collection, e.ref.Code, e.base).Scan(&known); err != nil {
			return err
		}
		if !known {
			return yizhan.Errorf(yizhan.CodeNotFound, "code", "%s does not exist", clip(e.ref.String()))
		}
		err.Message = fmt.Sprintf("%s was deleted, the edit was based on version %d", e.ref, e.base)
	}
	err.Conflicts = all
	return err
}

// lockMembers keeps the micro-grids of new and changed scenes as they are until the end, as the log gets
// the boundary that the scene has with them.
func (a *attempt) lockMembers(ctx context.Context) error {
	var members []string
	g := a.plan.groups[yizhan.FriendlyScenes]
	for _, e := range slices.Concat(g.creates, g.updates) {
		members = append(members, e.feature.(*yizhan.FriendlyScene).MicroGrids...)
	}
	if len(members) == 0 {
		return nil
	}
	_, err := a.tx.Exec(ctx, `SELECT FROM micro_grids WHERE code = ANY ($1) ORDER BY code FOR SHARE`, members)
	return err
}

// require says clearly, before the constraints would, what is missing and what is there already.
func (a *attempt) require(ctx context.Context) error {
	needs, err := a.store.needs(a.plan)
	if err != nil {
		return err
	}
	for collection, wanted := range needs {
		code, found, err := a.first(ctx, fmt.Sprintf(`SELECT code FROM unnest($1::text[]) AS wanted(code)
			WHERE NOT EXISTS (SELECT FROM %s t WHERE t.code = wanted.code) ORDER BY code LIMIT 1`, collection), sortedKeys(wanted))
		if err != nil {
			return err
		}
		if found {
			return wanted[code].missing("which does not exist")
		}
	}
	for collection, g := range a.plan.groups {
		if len(g.creates) == 0 {
			continue
		}
		code, found, err := a.first(ctx, fmt.Sprintf(`SELECT code FROM %s WHERE code = ANY ($1) ORDER BY code LIMIT 1`, collection), codesOf(g.creates))
		if err != nil {
			return err
		}
		if found {
			ref := yizhan.Ref{Collection: collection, Code: code}
			err := yizhan.Errorf(yizhan.CodeConflict, "code", "%s exists already", ref)
			err.Conflicts = []yizhan.Conflict{{Ref: ref}}
			return err
		}
	}
	return nil
}

// first gives the first column of the first row, if there is one.
func (a *attempt) first(ctx context.Context, query string, arguments ...any) (value string, found bool, err error) {
	err = a.tx.QueryRow(ctx, query, arguments...).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return value, err == nil, err
}

// loadBefore reads the state before, for the log. The rows are locked, so it is the one compared.
func (a *attempt) loadBefore(ctx context.Context) error {
	for collection, g := range a.plan.groups {
		if err := a.loadBeforeOf(ctx, collection, codesOf(g.updates, g.deletes)); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) loadBeforeOf(ctx context.Context, collection yizhan.Collection, codes []string) error {
	t := a.store.tables[collection]
	if t.record == nil {
		return nil
	}
	found, err := t.load(ctx, a.tx, codes)
	for code, f := range found {
		a.before[yizhan.Ref{Collection: collection, Code: code}] = f
	}
	return err
}

// imply adds an edit for each scene that is not edited itself but has a micro-grid whose boundary changes.
func (a *attempt) imply(ctx context.Context) error {
	var moved []string
	t := a.store.tables[yizhan.MicroGrids]
	for _, e := range a.plan.groups[yizhan.MicroGrids].updates {
		_, shape, err := t.image(a.before[e.ref])
		if err != nil {
			return err
		}
		if !bytes.Equal(shape, e.shape) {
			moved = append(moved, e.ref.Code)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	g := a.plan.groups[yizhan.FriendlyScenes]
	edited := codesOf(g.creates, g.updates, g.deletes)
	if edited == nil {
		edited = []string{} // null would match nothing
	}
	scenes, err := scenesOver(ctx, a.tx, moved, edited)
	if err != nil || len(scenes) == 0 {
		return err
	}
	if _, err := a.tx.Exec(ctx, `SELECT FROM friendly_scenes WHERE code = ANY ($1) ORDER BY code FOR NO KEY UPDATE`, scenes); err != nil {
		return err
	}
	if err := a.loadBeforeOf(ctx, yizhan.FriendlyScenes, scenes); err != nil {
		return err
	}
	return a.implyScenes(scenes)
}

func (a *attempt) implyScenes(codes []string) error {
	t := a.store.tables[yizhan.FriendlyScenes]
	for _, code := range codes {
		ref := yizhan.Ref{Collection: yizhan.FriendlyScenes, Code: code}
		scene, stillThere := a.before[ref]
		if !stillThere {
			continue
		}
		e := &edit{op: yizhan.Update, ref: ref, base: scene.At(), feature: scene}
		if err := t.encode(e); err != nil {
			return err
		}
		a.implied = append(a.implied, e)
	}
	return nil
}

func (a *attempt) create(ctx context.Context) error {
	for _, collection := range yizhan.Collections() {
		edits := a.plan.groups[collection].creates
		if len(edits) == 0 {
			continue
		}
		t := a.store.tables[collection]
		insert := t.insert
		if !a.by.System {
			insert = t.insertUnderRules
		}
		if err := planningOnce(ctx, a.tx, len(edits), func() error { return insert(ctx, a.tx, edits) }); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) update(ctx context.Context) error {
	insert := copyRows
	if !a.by.System {
		insert = insertSet
	}
	for _, collection := range yizhan.Collections() {
		for some := range slices.Chunk(a.plan.groups[collection].updates, chunk) {
			t := a.store.tables[collection]
			if err := planningOnce(ctx, a.tx, len(some), func() error { return t.update(ctx, a.tx, some, insert) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove deletes, what refers to others first.
func (a *attempt) remove(ctx context.Context) error {
	for _, collection := range slices.Backward(yizhan.Collections()) {
		codes := codesOf(a.plan.groups[collection].deletes)
		if len(codes) == 0 {
			continue
		}
		if err := a.unreferred(ctx, collection, codes); err != nil {
			return err
		}
		done, err := a.tx.Exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE code = ANY ($1)`, collection), codes)
		if err != nil {
			return err
		}
		if done.RowsAffected() != int64(len(codes)) { // they are locked: row-level security did not show them
			return outOfScope(collection, nil)
		}
	}
	return nil
}

// unreferred says clearly, before the constraints would, what still refers to a feature to be deleted. That
// may be nothing which the role that writes can see, so it is the owner who looks.
func (a *attempt) unreferred(ctx context.Context, collection yizhan.Collection, codes []string) error {
	if err := a.release(ctx); err != nil {
		return err
	}
	if err := a.refuseReferred(ctx, collection, codes); err != nil {
		return err
	}
	return a.restrict(ctx)
}

func (a *attempt) refuseReferred(ctx context.Context, collection yizhan.Collection, codes []string) error {
	for _, r := range a.store.tables[collection].referrers {
		query := fmt.Sprintf(`SELECT %[2]s FROM %[1]s WHERE %[2]s = ANY ($1)`, r.table, r.column)
		if r.table == string(collection) {
			query += ` AND code <> ALL ($1)`
		}
		code, found, err := a.first(ctx, query+` LIMIT 1`, codes)
		if err != nil {
			return err
		}
		if found {
			return yizhan.Errorf(yizhan.CodeConflict, "code", "%s cannot be deleted: %s refer to it",
				yizhan.Ref{Collection: collection, Code: code}, r.name)
		}
	}
	return nil
}

// accompany does what else belongs to the transaction.
func (a *attempt) accompany(ctx context.Context) error {
	if a.plan.also == nil {
		return nil
	}
	return a.plan.also(ctx, a.tx)
}

// settle checks what is checked at commit: here, so that nothing can fail once the log has its numbers.
func (a *attempt) settle(ctx context.Context) error {
	_, err := a.tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`)
	return err
}

// locate finds the place in a shape that the database refused as invalid, which its error does not tell.
func (s *Store) locate(ctx context.Context, p *plan, err error) error {
	var said *pgconn.PgError
	if !errors.As(err, &said) || said.Code != "23514" {
		return err
	}
	switch said.ConstraintName { // a ring that crosses itself may have no way round either
	case said.TableName + "_boundary_valid", said.TableName + "_boundary_oriented":
	default:
		return err
	}
	g := p.groups[yizhan.Collection(said.TableName)]
	for some := range slices.Chunk(slices.Concat(g.creates, g.updates), chunk) {
		var reason string
		var position int
		var lng, lat float64
		wrong := s.pool.QueryRow(ctx, `SELECT n, reason(detail), ST_X(location(detail)), ST_Y(location(detail))
			FROM (SELECT n, ST_IsValidDetail(shape) AS detail
				FROM unnest($1::geometry[]) WITH ORDINALITY AS given(shape, n) WHERE NOT ST_IsValid(shape)) invalid
			ORDER BY n LIMIT 1`, shapesOf(some)).Scan(&position, &reason, &lng, &lat)
		if wrong == nil {
			at := yizhan.SnapPoint(orb.Point{lng, lat})
			invalid := because(yizhan.CodeInvalid, "boundary", err, "%s is not a valid shape: %s at [%g, %g]", some[position-1].ref, reason, at[0], at[1])
			invalid.Places = []yizhan.Place{{Kind: "invalid", MicroGrids: []string{some[position-1].ref.Code}, Shape: at}}
			return invalid
		}
	}
	return err
}

func shapesOf(edits []*edit) [][]byte {
	shapes := make([][]byte, len(edits))
	for i, e := range edits {
		shapes[i] = e.shape
	}
	return shapes
}
