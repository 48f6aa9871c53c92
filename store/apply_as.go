package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// ApplyAs applies a changeset for a person: in their name, and only what they may change. Whether they may
// is decided twice: here, by Principal.May, and by the database, whose row-level security shows the role
// that writes only the units of theirs.
func (s *Store) ApplyAs(ctx context.Context, by *yizhan.Principal, changeset yizhan.Changeset) (yizhan.Applied, error) {
	if by == nil {
		return yizhan.Applied{}, yizhan.Errorf(yizhan.CodeForbidden, "", "nobody is signed in")
	}
	changeset.Author, changeset.Edits = by.User.Name, drafted(changeset.Edits)
	return s.apply(ctx, by, changeset)
}

// drafted gives the edits as people make them: a micro-grid that somebody draws is a draft, whatever the edit says.
// It is submitted, returned and published by TakeStep.
func drafted(edits []yizhan.Edit) []yizhan.Edit {
	edits = slices.Clone(edits)
	for i, e := range edits {
		if g, ok := e.Feature.(*yizhan.MicroGrid); ok && g != nil {
			draft := *g
			draft.Status = yizhan.GridDraft
			edits[i].Feature = &draft
		}
	}
	return edits
}

func outOfScope(collection yizhan.Collection, cause error) error {
	what := strings.ReplaceAll(string(collection), "_", " ")
	if what == "" {
		what = "this"
	}
	return because(yizhan.CodeForbidden, "", cause, "you may not change %s there", what)
}

// authorize refuses what the principal may not, where the feature was as well as where it will be.
func (a *attempt) authorize(context.Context) error {
	if a.by.System {
		return nil
	}
	for _, e := range a.plan.edits {
		before := a.before[e.ref]
		for _, need := range needsOf(e, before) {
			if !a.by.May(need.act, need.unit) {
				return naming(e.ref, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not do %s there", need.act))
			}
		}
	}
	return nil
}

// permission is an act in a place.
type permission struct {
	act  yizhan.Act
	unit string
}

func needsOf(e *edit, before yizhan.Feature) []permission {
	var needs []permission
	for _, act := range actsOf(e, before) {
		for _, f := range []yizhan.Feature{before, e.feature} {
			if f == nil {
				continue
			}
			for _, unit := range yizhan.PlacesOf(f) {
				needs = append(needs, permission{act, unit})
			}
		}
		if e.ref.Collection == yizhan.Leaders { // whose state before is not read
			needs = append(needs, permission{act, e.ref.Code})
		}
	}
	return needs
}

// actsOf is what an edit does. To publish micro-grids, or to return them, is the reviewer's; all else about them
// is the planner's.
func actsOf(e *edit, before yizhan.Feature) []yizhan.Act {
	edit := yizhan.EditAct(e.ref.Collection)
	after, isGrid := e.feature.(*yizhan.MicroGrid)
	was, existed := before.(*yizhan.MicroGrid)
	switch {
	case !isGrid || after.Status == yizhan.GridDraft || after.Status == yizhan.GridInReview:
		return []yizhan.Act{edit}
	case existed && sameDrawing(was, after):
		return []yizhan.Act{yizhan.ActReviewGrids}
	}
	return []yizhan.Act{edit, yizhan.ActReviewGrids}
}

// sameDrawing tells whether two states of a micro-grid differ in nothing but where they stand in the review.
func sameDrawing(a, b *yizhan.MicroGrid) bool {
	same := *b
	same.Status, same.Version, same.Boundary = a.Status, a.Version, a.Boundary
	return reflect.DeepEqual(*a, same) && a.Boundary.Equal(b.Boundary)
}

// scopeOf is what the principal may write, as row-level security reads it.
func scopeOf(by *yizhan.Principal) string {
	var scope []string
	add := func(name string, act yizhan.Act) {
		for _, unit := range by.Where(act) {
			scope = append(scope, fmt.Sprintf("%s:%s", name, yizhan.UnitPrefix(unit)))
		}
	}
	for _, c := range yizhan.Collections() {
		add(string(c), yizhan.EditAct(c))
	}
	add("reviews", yizhan.ActReviewGrids)
	add("layers", yizhan.ActEditLayers)
	return strings.Join(scope, " ")
}

// restrict makes the database hold what follows against what the principal may write.
func (a *attempt) restrict(ctx context.Context) error {
	if a.by.System {
		return nil
	}
	return restrict(ctx, a.tx, scopeOf(a.by))
}

func restrict(ctx context.Context, tx pgx.Tx, scope string) error {
	if _, err := tx.Exec(ctx, `SELECT set_config('yizhan.scope', $1, true)`, scope); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SET LOCAL ROLE yizhan_staff`)
	return err
}

// release ends what restrict began.
func (a *attempt) release(ctx context.Context) error {
	if a.by.System {
		return nil
	}
	return release(ctx, a.tx)
}

func release(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SET LOCAL ROLE NONE; SELECT set_config('yizhan.scope', '', true)`)
	return err
}

// writeAs runs do in a transaction as the role of people, and then notes it in the audit trail. Whether the
// principal may is the caller's to ask first; the database asks again.
func (s *Store) writeAs(ctx context.Context, by *yizhan.Principal, entry yizhan.AuditEntry, do func(pgx.Tx) error) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if err := restrict(ctx, tx, scopeOf(by)); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if err := release(ctx, tx); err != nil || entry.Act == "" {
			return err
		}
		return audit(ctx, tx, by, entry.Act, entry.Subject, entry.Detail)
	})
}

// audit notes the changeset of a person; those of commands are in the change log.
func (a *attempt) audit(ctx context.Context, applied yizhan.Applied) error {
	if a.by.System {
		return nil
	}
	return audit(ctx, a.tx, a.by, "changes.apply", fmt.Sprintf("changesets/%d", applied.ChangesetID),
		map[string]string{"edits": fmt.Sprint(len(a.plan.edits)), "first_seq": fmt.Sprint(applied.FirstSeq), "last_seq": fmt.Sprint(applied.LastSeq)})
}
