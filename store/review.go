package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// within bounds the codes of the micro-grids of a community, or of all below a unit: from, until.
func within(unit string) (from, until string) {
	prefix := yizhan.UnitPrefix(unit)
	return prefix, prefix + ":" // the character after 9
}

// FindStanding tells how a community stands in its review.
func (s *Store) FindStanding(ctx context.Context, community string) (standing yizhan.Standing, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		standing, err = findStanding(ctx, tx, community)
		return err
	})
	return standing, err
}

func findStanding(ctx context.Context, tx pgx.Tx, community string) (yizhan.Standing, error) {
	st := yizhan.Standing{Community: community}
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM units WHERE code = $1 AND level = 'community')`, community).Scan(&there); err != nil {
		return st, err
	}
	if !there {
		return st, yizhan.Errorf(yizhan.CodeNotFound, "code", "there is no community of this code")
	}
	all, err := countGrids(ctx, tx, community)
	if err != nil {
		return st, err
	}
	if len(all) > 0 {
		st = all[0]
	} else {
		st.Counts = map[yizhan.GridStatus]int{}
	}
	from, until := within(community)
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM changes WHERE collection = 'micro_grids' AND code >= $1 AND code < $2`, from, until).Scan(&st.Seq); err != nil {
		return st, err
	}
	if err := lastPublished(ctx, tx, &st); err != nil {
		return st, err
	}
	st.Hands, err = handsSince(ctx, tx, community, st.Published)
	return st, err
}

// Standings tells how the communities in a unit stand, as far as it can be counted: neither their seq nor who has drawn.
func (s *Store) Standings(ctx context.Context, unit string) (all []yizhan.Standing, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		all, err = countGrids(ctx, tx, unit)
		return err
	})
	return all, err
}

func countGrids(ctx context.Context, tx pgx.Tx, unit string) (all []yizhan.Standing, err error) {
	from, until := within(unit)
	rows, err := tx.Query(ctx, `SELECT community, status, count(*), sum(households),
			count(*) FILTER (WHERE NOT EXISTS (SELECT FROM leaders l WHERE l.micro_grid = g.code AND l.role = 'unit_leader')),
			count(*) FILTER (WHERE households >= $3)
		FROM micro_grids g WHERE code >= $1 AND code < $2 GROUP BY community, status ORDER BY community`, from, until, yizhan.OverloadedHouseholds)
	if err != nil {
		return nil, err
	}
	var community string
	var status yizhan.GridStatus
	var count, households, leaderless, overloaded int
	_, err = pgx.ForEachRow(rows, []any{&community, &status, &count, &households, &leaderless, &overloaded}, func() error {
		if n := len(all); n == 0 || all[n-1].Community != community {
			all = append(all, yizhan.Standing{Community: community, Counts: map[yizhan.GridStatus]int{}})
		}
		last := &all[len(all)-1]
		last.Counts[status] += count
		last.Households += households
		last.Leaderless += leaderless
		last.Overloaded += overloaded
		return nil
	})
	return all, err
}

// lastPublished finds the end of the last changeset after which every micro-grid of the community was published.
func lastPublished(ctx context.Context, tx pgx.Tx, st *yizhan.Standing) error {
	from, until := within(st.Community)
	err := tx.QueryRow(ctx, `SELECT s.seq, cs.at FROM (
			SELECT seq, changeset, lead(changeset) OVER w AS next,
				sum((after IS NOT NULL)::int - (before IS NOT NULL)::int) OVER w AS grids,
				sum((coalesce(after ->> 'status', 'published') <> 'published')::int
					- (coalesce(before ->> 'status', 'published') <> 'published')::int) OVER w AS open
			FROM changes WHERE collection = 'micro_grids' AND code >= $1 AND code < $2 WINDOW w AS (ORDER BY seq)) s
		JOIN changesets cs ON cs.id = s.changeset
		WHERE open = 0 AND grids > 0 AND next IS DISTINCT FROM changeset ORDER BY s.seq DESC LIMIT 1`, from, until).Scan(&st.Published, &st.PublishedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	st.PublishedAt = st.PublishedAt.UTC()
	return err
}

// drawn is the condition that a change of a micro-grid changed more than where it stands in its review.
const drawn = `(c.op <> 'update' OR c.before - 'status' IS DISTINCT FROM c.after - 'status' OR c.before_boundary IS DISTINCT FROM c.after_boundary)`

// handsSince lists who has drawn in a community after a seq.
func handsSince(ctx context.Context, tx pgx.Tx, community string, seq int64) ([]string, error) {
	from, until := within(community)
	rows, err := tx.Query(ctx, `SELECT DISTINCT s.author FROM changes c JOIN changesets s ON s.id = c.changeset
		WHERE c.collection = 'micro_grids' AND c.code >= $1 AND c.code < $2 AND c.seq > $3 AND `+drawn+` ORDER BY 1`, from, until, seq)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// TakeStep takes the micro-grids of a community a step on in their review, by a changeset. Nobody publishes what
// they have not seen, nor what they drew themselves.
func (s *Store) TakeStep(ctx context.Context, by *yizhan.Principal, request yizhan.StepRequest) (yizhan.Applied, error) {
	if by == nil || !by.May(request.Step.Act(), request.Community) {
		return yizhan.Applied{}, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not %s micro-grids there", clip(string(request.Step)))
	}
	changeset := yizhan.Changeset{Author: by.User.Name, Reason: stepReason(request)}
	err := s.read(ctx, func(tx pgx.Tx) (err error) {
		standing, err := findStanding(ctx, tx, request.Community)
		if err != nil {
			return err
		}
		if err := mayTakeStep(by, request, standing); err != nil {
			return err
		}
		changeset.Edits, err = s.stepEdits(ctx, tx, request)
		return err
	})
	if err != nil {
		return yizhan.Applied{}, err
	}
	return s.apply(ctx, by, changeset)
}

func stepReason(request yizhan.StepRequest) string {
	if note := strings.TrimSpace(request.Note); note != "" {
		return note
	}
	return fmt.Sprintf("%s %s", request.Step, request.Community)
}

func mayTakeStep(by *yizhan.Principal, request yizhan.StepRequest, standing yizhan.Standing) error {
	waiting := 0
	for _, status := range request.Step.From() {
		waiting += standing.Counts[status]
	}
	switch {
	case standing.Seq > request.Seq:
		return yizhan.Errorf(yizhan.CodeConflict, "seq", "the community was changed at seq %d, after %d, which you have looked at; look again", standing.Seq, request.Seq)
	case waiting == 0:
		return yizhan.Errorf(yizhan.CodeConflict, "", "the community has no micro-grid to %s: it is %s", request.Step, statusText(standing))
	case request.Step == yizhan.StepSubmit:
		return nil
	case standing.Counts[yizhan.GridDraft]+standing.Counts[yizhan.GridReturned] > 0:
		return yizhan.Errorf(yizhan.CodeConflict, "", "a part of the community is being drawn again; it has to be submitted as a whole first")
	case request.Step == yizhan.StepPublish && slices.Contains(standing.Hands, by.User.Name):
		return yizhan.Errorf(yizhan.CodeForbidden, "", "you have changed micro-grids of the community since it was last published; somebody else has to publish them")
	}
	return nil
}

func statusText(standing yizhan.Standing) string {
	if status := standing.Status(); status != "" {
		return strings.ReplaceAll(string(status), "_", " ")
	}
	return "without micro-grids"
}

func (s *Store) stepEdits(ctx context.Context, tx pgx.Tx, request yizhan.StepRequest) (edits []yizhan.Edit, err error) {
	grids, err := s.gridsOf(ctx, tx, request.Community)
	for _, g := range grids {
		if slices.Contains(request.Step.From(), g.Status) {
			g.Status = request.Step.To()
			edits = append(edits, yizhan.UpdateOf(g))
		}
	}
	return edits, err
}

// gridsOf reads the micro-grids of a community in the order of their codes.
func (s *Store) gridsOf(ctx context.Context, tx pgx.Tx, community string) ([]*yizhan.MicroGrid, error) {
	from, until := within(community)
	rows, err := tx.Query(ctx, s.tables[yizhan.MicroGrids].query(false)+` WHERE f.code >= $1 AND f.code < $2 ORDER BY f.code`, from, until)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*yizhan.MicroGrid, error) {
		f, err := scanMicroGrid(row)
		if err != nil {
			return nil, err
		}
		return f.(*yizhan.MicroGrid), nil
	})
}

// CommunityChanges lists the changesets that touched the micro-grids of a community, before a seq, the latest
// first, at most limit of them; 0 is the end of the log.
func (s *Store) CommunityChanges(ctx context.Context, community string, before int64, limit int) (list []yizhan.CommunityChange, err error) {
	if limit < 1 || limit > maxChanges {
		return nil, yizhan.Invalid("limit", "%d is not in 1..%d", limit, maxChanges)
	}
	from, until := within(community)
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT c.changeset, s.at, s.author, s.reason, min(c.seq), max(c.seq), count(*),
				count(*) FILTER (WHERE c.before_boundary IS DISTINCT FROM c.after_boundary),
				CASE WHEN bool_or(`+drawn+`) THEN '' ELSE max(c.after ->> 'status') END
			FROM changes c JOIN changesets s ON s.id = c.changeset
			WHERE c.collection = 'micro_grids' AND c.code >= $1 AND c.code < $2 AND ($3 = 0 OR c.seq < $3)
			GROUP BY c.changeset, s.at, s.author, s.reason ORDER BY max(c.seq) DESC LIMIT $4`, from, until, before, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c yizhan.CommunityChange, err error) {
			var status yizhan.GridStatus
			err = row.Scan(&c.ID, &c.At, &c.Author, &c.Reason, &c.FirstSeq, &c.LastSeq, &c.MicroGrids, &c.Reshaped, &status)
			c.At, c.Step = c.At.UTC(), stepTo(status)
			return c, err
		})
		return err
	})
	return list, err
}

func stepTo(status yizhan.GridStatus) yizhan.Step {
	for _, step := range []yizhan.Step{yizhan.StepSubmit, yizhan.StepReturn, yizhan.StepPublish} {
		if status == step.To() {
			return step
		}
	}
	return ""
}

// CommunityAt gives the micro-grids of a community as they were at a seq; 0 is now. The seq is told again, as that
// of the state that was read.
func (s *Store) CommunityAt(ctx context.Context, community string, seq int64) (grids []*yizhan.MicroGrid, at int64, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		if at = seq; seq == 0 {
			if err := tx.QueryRow(ctx, lastSeq).Scan(&at); err != nil {
				return err
			}
			grids, err = s.gridsOf(ctx, tx, community)
			return err
		}
		if err := reached(ctx, tx, seq); err != nil {
			return err
		}
		if at, err = wholeSeq(ctx, tx, community, seq); err != nil {
			return err
		}
		grids, err = s.gridsAt(ctx, tx, community, at)
		return err
	})
	return grids, at, err
}

// wholeSeq is the seq at or before the given one at which no changeset had changed a part of the community only:
// states in between never were.
func wholeSeq(ctx context.Context, tx pgx.Tx, community string, seq int64) (whole int64, err error) {
	from, until := within(community)
	err = tx.QueryRow(ctx, `SELECT coalesce((SELECT CASE WHEN max(c.seq) > $3 THEN min(c.seq) - 1 END FROM changes c
		WHERE c.collection = 'micro_grids' AND c.code >= $1 AND c.code < $2 AND c.changeset = (SELECT last.changeset FROM changes last
			WHERE last.collection = 'micro_grids' AND last.code >= $1 AND last.code < $2 AND last.seq <= $3 ORDER BY last.seq DESC LIMIT 1)), $3)`,
		from, until, seq).Scan(&whole)
	return whole, err
}

func (s *Store) gridsAt(ctx context.Context, tx pgx.Tx, community string, seq int64) (grids []*yizhan.MicroGrid, err error) {
	from, until := within(community)
	rows, err := tx.Query(ctx, `SELECT DISTINCT ON (code) code, version, after, after_boundary FROM changes
		WHERE collection = 'micro_grids' AND code >= $1 AND code < $2 AND seq <= $3 ORDER BY code, seq DESC`, from, until, seq)
	if err != nil {
		return nil, err
	}
	var code string
	var version int64
	var after, shape []byte
	_, err = pgx.ForEachRow(rows, []any{&code, &version, &after, &shape}, func() error {
		if after == nil {
			return nil
		}
		f, err := reviveMicroGrid(key{code, version}, after, shape)
		if err != nil {
			return fmt.Errorf("read %s at %d: %w", code, seq, err)
		}
		grids = append(grids, f.(*yizhan.MicroGrid))
		after, shape = nil, nil
		return nil
	})
	return grids, err
}

// RestoreCommunity brings the micro-grids of a community back to what they were at a seq, as drafts, by a new
// changeset. base is the seq of the last change that whoever asks has looked at.
func (s *Store) RestoreCommunity(ctx context.Context, by *yizhan.Principal, community string, seq, base int64, note string) (yizhan.Applied, error) {
	if by == nil || !by.May(yizhan.ActEditGrids, community) {
		return yizhan.Applied{}, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not draw micro-grids there")
	}
	changeset := yizhan.Changeset{Reason: note}
	if strings.TrimSpace(note) == "" {
		changeset.Reason = fmt.Sprintf("restore %s to seq %d", community, seq)
	}
	err := s.read(ctx, func(tx pgx.Tx) error {
		standing, err := findStanding(ctx, tx, community)
		if err != nil {
			return err
		}
		if standing.Seq > base {
			return yizhan.Errorf(yizhan.CodeConflict, "base", "the community was changed at seq %d, after %d, which you have looked at; look again", standing.Seq, base)
		}
		if err := reached(ctx, tx, seq); err != nil {
			return err
		}
		whole, err := wholeSeq(ctx, tx, community, seq)
		if err != nil {
			return err
		}
		then, err := s.gridsAt(ctx, tx, community, whole)
		if err != nil {
			return err
		}
		now, err := s.gridsOf(ctx, tx, community)
		changeset.Edits = backTo(then, now)
		switch {
		case err != nil:
			return err
		case len(then) == 0:
			return yizhan.Invalid("seq", "the community had no micro-grids at %d", seq)
		case len(changeset.Edits) == 0:
			return yizhan.Errorf(yizhan.CodeConflict, "seq", "the micro-grids are what they were at %d", seq)
		}
		return nil
	})
	if err != nil {
		return yizhan.Applied{}, err
	}
	return s.ApplyAs(ctx, by, changeset)
}

// backTo makes the edits that turn what is now into what was then.
func backTo(then, now []*yizhan.MicroGrid) (edits []yizhan.Edit) {
	current := map[string]*yizhan.MicroGrid{}
	for _, g := range now {
		current[g.Code] = g
	}
	for _, g := range then {
		was := *g
		is := current[g.Code]
		delete(current, g.Code)
		switch {
		case is == nil:
			edits = append(edits, yizhan.CreateOf(&was))
		case !sameDrawing(&was, is):
			was.Version = is.Version
			edits = append(edits, yizhan.UpdateOf(&was))
		}
	}
	for _, g := range now {
		if current[g.Code] != nil {
			edits = append(edits, yizhan.Edit{Op: yizhan.Delete, Ref: g.Ref(), BaseVersion: g.Version})
		}
	}
	return edits
}

// LastGridSerial is the highest serial that a micro-grid of the community ever had.
func (s *Store) LastGridSerial(ctx context.Context, community string) (serial int, err error) {
	from, until := within(community)
	err = s.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(max(right(code, 3)::int), 0) FROM changes
			WHERE collection = 'micro_grids' AND code >= $1 AND code < $2`, from, until).Scan(&serial)
	})
	return serial, err
}
