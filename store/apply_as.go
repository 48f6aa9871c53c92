package store

import (
	"context"
	"fmt"
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
	changeset.Author = by.User.Name
	return s.apply(ctx, by, changeset)
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
			for _, unit := range placesOf(f) {
				needs = append(needs, permission{act, unit})
			}
		}
		if e.ref.Collection == yizhan.Leaders { // whose state before is not read
			needs = append(needs, permission{act, e.ref.Code})
		}
	}
	return needs
}

// actsOf is what an edit does. To publish a micro-grid, or to return it, is the reviewer's; all else about
// it is the planner's.
func actsOf(e *edit, before yizhan.Feature) []yizhan.Act {
	edit := yizhan.EditAct(e.ref.Collection)
	after, isGrid := e.feature.(*yizhan.MicroGrid)
	if !isGrid {
		return []yizhan.Act{edit}
	}
	was, existed := before.(*yizhan.MicroGrid)
	judged := after.Status == yizhan.GridPublished || after.Status == yizhan.GridReturned
	if !existed {
		if judged {
			return []yizhan.Act{edit, yizhan.ActReviewGrids}
		}
		return []yizhan.Act{edit}
	}
	if !judged || after.Status == was.Status {
		return []yizhan.Act{edit}
	}
	same := *after
	same.Status, same.Version = was.Status, was.Version
	if same.Name == was.Name && same.Households == was.Households && same.Zone == was.Zone && same.Synthetic == was.Synthetic && same.Boundary.Equal(was.Boundary) {
		return []yizhan.Act{yizhan.ActReviewGrids}
	}
	return []yizhan.Act{edit, yizhan.ActReviewGrids}
}

// placesOf are the codes that tell where a feature is. Where the stations of a scene are the database knows.
func placesOf(f yizhan.Feature) []string {
	switch f := f.(type) {
	case *yizhan.Station:
		return []string{f.Community}
	case *yizhan.FriendlyScene:
		return f.MicroGrids
	}
	return []string{f.Ref().Code}
}

// scopeOf is what the principal may write, as row-level security reads it.
func scopeOf(by *yizhan.Principal) string {
	var scope []string
	for _, c := range yizhan.Collections() {
		units := by.Where(yizhan.EditAct(c))
		if c == yizhan.MicroGrids {
			units = append(units, by.Where(yizhan.ActReviewGrids)...)
		}
		for _, unit := range units {
			scope = append(scope, fmt.Sprintf("%s:%s", c, yizhan.UnitPrefix(unit)))
		}
	}
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

// audit notes the changeset of a person; those of commands are in the change log.
func (a *attempt) audit(ctx context.Context, applied yizhan.Applied) error {
	if a.by.System {
		return nil
	}
	return audit(ctx, a.tx, a.by, "changes.apply", fmt.Sprintf("changesets/%d", applied.ChangesetID),
		map[string]string{"edits": fmt.Sprint(len(a.plan.edits)), "first_seq": fmt.Sprint(applied.FirstSeq), "last_seq": fmt.Sprint(applied.LastSeq)})
}
