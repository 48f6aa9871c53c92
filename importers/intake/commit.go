package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Commit applies what a check found, as one changeset. If somebody changed one of the features since, it is a
// conflict, and nothing is applied: check again. The changeset gets the reason, which may be empty, and the file.
func (im *Import) Commit(ctx context.Context, by *yizhan.Principal, reason string, progress Progress) error {
	if err := im.begin(ctx); err != nil {
		return err
	}
	defer im.end()
	im.mu.Lock()
	stage, found := im.stage, im.checked
	im.mu.Unlock()
	if stage != Checked {
		return yizhan.Errorf(yizhan.CodeConflict, "", "the file was not checked with the settings as they are, or is committed")
	}
	if err := errors.Join(CheckReason(reason), found.refuse()); err != nil {
		return err
	}
	if err := im.try(Committed); err != nil {
		return err
	}
	applied, err := im.desk.options.Store.ApplyStreamAs(ctx, by, yizhan.Stream{
		Reason: im.reason(reason),
		Edits:  found.edits(ctx, progress),
	})
	return im.tried(ctx, applied, err)
}

// MaxReason bounds the reason of a commit, in characters.
const MaxReason = 500

// CheckReason tells what is wrong with the reason of a commit.
func CheckReason(reason string) error {
	switch {
	case !utf8.ValidString(reason) || strings.ContainsRune(reason, 0):
		return yizhan.Invalid("reason", "is not text")
	case utf8.RuneCountInString(reason) > MaxReason:
		return yizhan.Invalid("reason", "has more than %d characters", MaxReason)
	}
	return nil
}

// reason says why, and by which file: what somebody looks for in the history later.
func (im *Import) reason(given string) string {
	file := fmt.Sprintf("import of %s (SHA-256 %s, %s)", importers.Clip(im.Name), im.sha256[:16], im.mark())
	if given = strings.TrimSpace(given); given == "" {
		return file
	}
	return given + " · " + file
}

// MayCommit tells why what was found cannot be committed; nil if it can.
func (im *Import) MayCommit() error {
	if im.State().Stage != Checked {
		return yizhan.Errorf(yizhan.CodeConflict, "", "the file was not checked with the settings as they are, or is committed")
	}
	found, err := im.found()
	if err != nil {
		return err
	}
	return found.refuse()
}

func (c *check) refuse() error {
	switch c.summary.Why(c.settings) {
	case "rights":
		return yizhan.Errorf(yizhan.CodeForbidden, "", "this account may not change features of this kind")
	case "errors":
		return yizhan.Errorf(yizhan.CodeConflict, "", "%d rows have errors and %d are left for a person: mend the file, or say skip_bad to leave them out", c.summary.Errors, c.summary.Left)
	case "faults":
		return yizhan.Errorf(yizhan.CodeConflict, "", "the outlines have %d overlaps and gaps: mend them, or say repair_m", c.summary.Faults)
	case "nothing":
		return yizhan.Errorf(yizhan.CodeConflict, "", "nothing would change")
	}
	return nil
}

// edits goes through what a commit applies.
func (c *check) edits(ctx context.Context, progress Progress) iter.Seq2[yizhan.Edit, error] {
	total := c.summary.Created + c.summary.Updated + c.summary.Deleted
	return func(yield func(yizhan.Edit, error) bool) {
		done := int64(0)
		for _, op := range ops {
			err := c.changes[op].each(func(change Change) error {
				if done++; done%progressEvery == 0 || done == total {
					if err := ctx.Err(); err != nil {
						return err
					}
					progress("applying", done, total)
				}
				if !yield(change.edit(), nil) {
					return errEnough
				}
				return nil
			})
			if errors.Is(err, errEnough) {
				return
			}
			if err != nil {
				yield(yizhan.Edit{}, err)
				return
			}
		}
	}
}

// Revert undoes what was committed, unless somebody changed one of the features since.
func (im *Import) Revert(ctx context.Context, by *yizhan.Principal, progress Progress) error {
	if err := im.begin(ctx); err != nil {
		return err
	}
	defer im.end()
	state := im.State()
	if state.Stage != Committed {
		return yizhan.Errorf(yizhan.CodeConflict, "", "there is nothing to undo")
	}
	progress("reverting", 0, 0)
	if err := im.try(Reverted); err != nil {
		return err
	}
	applied, err := im.desk.options.Store.RevertAs(ctx, by, state.Changeset)
	return im.tried(ctx, applied, err)
}

// found gives the last check.
func (im *Import) found() (*check, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.checked == nil {
		return nil, yizhan.Errorf(yizhan.CodeConflict, "", "the file was not checked yet with the settings as they are")
	}
	return im.checked, nil
}

// Page is a part of a list. Next is where the next begins; 0 if this is the last.
type Page[T any] struct {
	Items []T
	Next  int64
}

// pageOf reads a part of lists that follow each other.
func pageOf[T any](after int64, limit int, lists ...*spool[T]) (page Page[T], err error) {
	at := after
	for _, list := range lists {
		if at >= list.count {
			at -= list.count
			continue
		}
		items, more, err := list.page(at, limit-len(page.Items))
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, items...)
		if at = 0; more {
			break
		}
	}
	total := int64(0)
	for _, list := range lists {
		total += list.count
	}
	if next := after + int64(len(page.Items)); next < total && len(page.Items) > 0 {
		page.Next = next
	}
	return page, nil
}

// Problems gives problems: those of a severity, or all of them, the worst first.
func (im *Import) Problems(severity importers.Severity, after int64, limit int) (Page[importers.Problem], error) {
	found, err := im.found()
	if err != nil {
		return Page[importers.Problem]{}, err
	}
	var lists []*spool[importers.Problem]
	for _, s := range severities {
		if severity == "" || severity == s {
			lists = append(lists, found.problems[s])
		}
	}
	return pageOf(after, limit, lists...)
}

// Changes gives what a commit would change: of one op, or of all.
func (im *Import) Changes(op yizhan.Op, after int64, limit int) (Page[Change], error) {
	found, err := im.found()
	if err != nil {
		return Page[Change]{}, err
	}
	var lists []*spool[Change]
	for _, o := range ops {
		if op == "" || op == o {
			lists = append(lists, found.changes[o])
		}
	}
	return pageOf(after, limit, lists...)
}

// Duplicates gives stations that may be one.
func (im *Import) Duplicates(after int64, limit int) (Page[Duplicate], error) {
	found, err := im.found()
	if err != nil {
		return Page[Duplicate]{}, err
	}
	return pageOf(after, limit, found.duplicates)
}

// Topology gives the faults of outlines.
func (im *Import) Topology(after int64, limit int) (Page[Fault], error) {
	found, err := im.found()
	if err != nil {
		return Page[Fault]{}, err
	}
	return pageOf(after, limit, found.faults)
}
