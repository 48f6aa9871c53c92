package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// change does something to a report, in the name of the principal and under the rules of where it may. base is
// the version that was looked at.
func (s *Store) changeReport(ctx context.Context, by *yizhan.Principal, id, base int64, act string, detail map[string]string, do func(pgx.Tx, *yizhan.Report) error) (d yizhan.ReportDetail, err error) {
	if !by.May(yizhan.ActHandleReports, "") {
		return d, yizhan.Errorf(yizhan.CodeForbidden, "", "you may not handle reports")
	}
	err = s.write(ctx, func(tx pgx.Tx) error {
		err := underReportRules(ctx, tx, by, yizhan.ActHandleReports, func() error {
			r, err := lockReport(ctx, tx, id, base)
			if err == nil {
				err = do(tx, r)
			}
			return err
		})
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, act, subjectOf(id), detail)
	})
	if err != nil {
		return d, err
	}
	return s.Report(ctx, by, id)
}

// lockReport keeps a report as it is until the transaction ends.
func lockReport(ctx context.Context, tx pgx.Tx, id, base int64) (*yizhan.Report, error) {
	var version int64
	err := tx.QueryRow(ctx, `SELECT version FROM reports WHERE id = $1 FOR UPDATE`, id).Scan(&version)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, noReport()
	case err != nil:
		return nil, err
	case base != version:
		return nil, yizhan.Errorf(yizhan.CodeConflict, "version", "somebody else has changed the report: it is at version %d, not %d", version, base)
	}
	found, err := collectReports(ctx, tx, `SELECT `+reportColumns+` FROM reports r WHERE r.id = $1`, id)
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

func checkNote(field, text string) error {
	if err := checkText(field, text); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(text); n > yizhan.MaxReportText {
		return yizhan.Invalid(field, "has %d characters; %d are allowed", n, yizhan.MaxReportText)
	}
	return nil
}

// MoveReport takes a report to another stage. The answer is for the rider, the note for staff.
func (s *Store) MoveReport(ctx context.Context, by *yizhan.Principal, id, base int64, to yizhan.ReportStage, answer, note string) (yizhan.ReportDetail, error) {
	answer, note = strings.TrimSpace(answer), strings.TrimSpace(note)
	if err := errors.Join(checkNote("answer", answer), checkNote("note", note)); err != nil {
		return yizhan.ReportDetail{}, err
	}
	return s.changeReport(ctx, by, id, base, "reports.move", map[string]string{"to": string(to)}, func(tx pgx.Tx, r *yizhan.Report) error {
		return move(ctx, tx, by, r, to, answer, note, "")
	})
}

func move(ctx context.Context, tx pgx.Tx, by *yizhan.Principal, r *yizhan.Report, to yizhan.ReportStage, answer, note, result string) error {
	way, legal := yizhan.FindMove(r.Stage, to)
	switch {
	case !legal:
		return yizhan.Errorf(yizhan.CodeConflict, "to", "a report does not go from %s to %s", r.Stage, clip(string(to)))
	case way.Answer && answer == "" && r.Answer == "":
		return yizhan.Invalid("answer", "is empty: the rider is told what came of it")
	}
	if answer == "" {
		answer = r.Answer
	}
	// Whoever takes it up works at it, unless it was given to somebody.
	assignee := r.Assignee
	if to == yizhan.StageHandled && assignee == "" && !by.System {
		assignee = by.User.Name
	}
	if result == "" {
		result = r.Result
	}
	if _, err := tx.Exec(ctx, `UPDATE reports SET stage = $2, moved_at = now(), answer = $3, assignee = $4, result = $5, version = version + 1 WHERE id = $1`,
		r.ID, string(to), answer, emptyToNil(assignee), emptyToNil(result)); err != nil {
		return err
	}
	return step(ctx, tx, r.ID, by.User.Name, "moved", to, note)
}

// AssignReport gives a report to somebody who may handle it, or to nobody, and says by when it is to be done.
func (s *Store) AssignReport(ctx context.Context, by *yizhan.Principal, id, base int64, assignee string, due time.Time) (d yizhan.ReportDetail, err error) {
	if away := time.Until(due); !due.IsZero() && (away > yizhan.MaxPatience || away < -yizhan.MaxPatience) {
		return d, yizhan.Invalid("due_at", "is more than %d days away", int(yizhan.MaxPatience.Hours()/24))
	}
	if assignee != "" {
		handlers, err := s.Handlers(ctx, by, id)
		if err != nil {
			return d, err
		}
		if !slices.ContainsFunc(handlers, func(h yizhan.Handler) bool { return h.Name == assignee }) {
			return d, yizhan.Invalid("assignee", "may not handle reports there")
		}
	}
	return s.changeReport(ctx, by, id, base, "reports.assign", map[string]string{"assignee": assignee, "due": dueText(due)}, func(tx pgx.Tx, r *yizhan.Report) error {
		if !r.Stage.Open() {
			return yizhan.Errorf(yizhan.CodeConflict, "", "the report is closed")
		}
		if _, err := tx.Exec(ctx, `UPDATE reports SET assignee = $2, due_at = $3, version = version + 1 WHERE id = $1`, id, emptyToNil(assignee), timeToNil(due)); err != nil {
			return err
		}
		return step(ctx, tx, id, by.User.Name, "assigned", r.Stage, assignee)
	})
}

// MergeReport lets another report stand for this one, and for those that were merged into it: their riders see
// what becomes of that.
func (s *Store) MergeReport(ctx context.Context, by *yizhan.Principal, id, base, into int64) (yizhan.ReportDetail, error) {
	if id == into {
		return yizhan.ReportDetail{}, yizhan.Invalid("into", "is the report itself")
	}
	_, err := s.changeReport(ctx, by, id, base, "reports.merge", map[string]string{"into": subjectOf(into)}, func(tx pgx.Tx, r *yizhan.Report) error {
		var kind, stage string
		err := tx.QueryRow(ctx, `SELECT kind, stage FROM reports WHERE id = $1 FOR UPDATE`, into).Scan(&kind, &stage)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return yizhan.Invalid("into", "there is no such report")
		case err != nil:
			return err
		case kind != string(r.Kind):
			return yizhan.Invalid("into", "is a %s, and this is a %s", kind, r.Kind)
		case !r.Stage.Open() || !yizhan.ReportStage(stage).Open():
			return yizhan.Errorf(yizhan.CodeConflict, "into", "only reports that are open are merged")
		}
		if _, err := tx.Exec(ctx, `UPDATE reports SET merged_into = $2, version = version + 1 WHERE merged_into = $1`, id, into); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE reports SET stage = 'merged', merged_into = $2, moved_at = now(), version = version + 1 WHERE id = $1`, id, into); err != nil {
			return err
		}
		// Who waits longest says when it is due.
		if _, err := tx.Exec(ctx, `UPDATE reports e SET due_at = least(e.due_at, r.due_at), version = e.version + 1 FROM reports r WHERE e.id = $2 AND r.id = $1`, id, into); err != nil {
			return err
		}
		if err := step(ctx, tx, id, by.User.Name, "merged", yizhan.StageMerged, subjectOf(into)); err != nil {
			return err
		}
		return step(ctx, tx, into, by.User.Name, "merged", yizhan.ReportStage(stage), subjectOf(id))
	})
	if err != nil {
		return yizhan.ReportDetail{}, err
	}
	return s.Report(ctx, by, into)
}

// ConvertReport makes a planned station of a suggestion that somebody works at: the station by a changeset like
// any other, in the name of the principal, and the stage of the report in the same transaction.
func (s *Store) ConvertReport(ctx context.Context, by *yizhan.Principal, id, base int64, planned yizhan.PlannedStation, answer string) (yizhan.ReportDetail, error) {
	none := yizhan.ReportDetail{}
	if answer = strings.TrimSpace(answer); answer == "" {
		return none, yizhan.Invalid("answer", "is empty: the rider is told what came of it")
	}
	if err := checkNote("answer", answer); err != nil {
		return none, err
	}
	d, err := s.Report(ctx, by, id)
	if err != nil {
		return none, err
	}
	if !by.May(yizhan.ActHandleReports, d.Community) {
		return none, mayNot("handle reports", d.Community)
	}
	if d.Kind != yizhan.ReportSuggestion {
		return none, yizhan.Errorf(yizhan.CodeConflict, "id", "only a suggestion becomes a station")
	}
	for n := 1; ; n++ {
		station, err := s.stationOf(ctx, &d.Report, planned)
		if err != nil {
			return none, err
		}
		changeset := yizhan.Changeset{Author: by.User.Name, Reason: fmt.Sprintf("%s, asked for by %d", subjectOf(id), d.Weight), Edits: []yizhan.Edit{yizhan.CreateOf(station)}}
		_, err = s.applyWith(ctx, by, changeset, func(ctx context.Context, tx pgx.Tx) error {
			return underReportRules(ctx, tx, by, yizhan.ActHandleReports, func() error {
				r, err := lockReport(ctx, tx, id, base)
				if err != nil {
					return err
				}
				return move(ctx, tx, by, r, yizhan.StageConverted, answer, "stations/"+station.Code, station.Code)
			})
		})
		if err == nil {
			return s.Report(ctx, by, id)
		}
		var ours *yizhan.Error
		taken := errors.As(err, &ours) && ours.Code == yizhan.CodeConflict && ours.Field == "code"
		if !taken || n == maxAttempts { // else somebody else took the number
			return none, err
		}
	}
}

// stationOf fills in what the place of a suggestion tells.
func (s *Store) stationOf(ctx context.Context, r *yizhan.Report, planned yizhan.PlannedStation) (*yizhan.Station, error) {
	station := &yizhan.Station{Name: planned.Name, Sponsor: planned.Sponsor, Kind: planned.Sponsor.Kind(), Address: planned.Address,
		Location: r.Location, Approximate: true, Status: yizhan.StationPlanned, Community: r.Community}
	for _, service := range r.Services {
		station.Services = append(station.Services, yizhan.StationService{Service: service, Condition: yizhan.Uncertain})
	}
	point, err := encodePoint(&station.Location)
	if err != nil {
		return nil, err
	}
	banner := r.Community[:6]
	return station, s.read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT code, synthetic FROM micro_grids WHERE community = $2 AND ST_Intersects(boundary, $1::geometry) ORDER BY code LIMIT 1`,
			point, r.Community).Scan(&station.MicroGrid, &station.Synthetic)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		var last int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(substring(code FROM 8)::integer), 0) FROM stations WHERE code ~ ('^' || $1 || '-[0-9]{1,6}$')`, banner).Scan(&last); err != nil {
			return err
		}
		station.Code = fmt.Sprintf("%s-%04d", banner, last+1)
		return nil
	})
}

// RevealRider gives how to reach a rider to who may see it and says why. The audit trail has it before the answer leaves.
func (s *Store) RevealRider(ctx context.Context, by *yizhan.Principal, id int64, reason string) (contact string, err error) {
	d, err := s.Report(ctx, by, id)
	if err != nil {
		return "", err
	}
	reason = strings.TrimSpace(reason)
	switch n := utf8.RuneCountInString(reason); {
	case !by.May(yizhan.ActRevealRiders, d.Community):
		return "", mayNot("see how to reach riders", d.Community)
	case n < 4 || n > 500 || checkText("reason", reason) != nil:
		return "", yizhan.Invalid("reason", "is not 4 to 500 characters; say why you need it")
	}
	keys, err := s.keyring()
	if err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx pgx.Tx) error {
		var sealed []byte
		if err := tx.QueryRow(ctx, `SELECT sealed FROM reports WHERE id = $1`, id).Scan(&sealed); err != nil {
			return err
		}
		if sealed == nil {
			return yizhan.Errorf(yizhan.CodeNotFound, "id", "the rider left nothing, or the report is closed")
		}
		text, err := keys.open(sealed, subjectOf(id))
		if err != nil {
			return errSealed(err)
		}
		contact = string(text)
		return audit(ctx, tx, by, "reports.reveal", subjectOf(id), map[string]string{"reason": reason})
	})
	if err != nil {
		return "", err
	}
	return contact, nil
}
