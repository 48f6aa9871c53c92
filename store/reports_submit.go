package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// What is taken in from people who are nobody in particular is bounded, whoever they are and however many.
const (
	maxReportsHourly  = 2_000
	maxReportsDaily   = 20_000
	maxReportsStation = 100 // of one station, in a day
	maxPhotos         = 20_000
)

// Who does what is done without an account.
const (
	actorRider  = "rider"
	actorYizhan = "yizhan"
)

// errReplayed ends a transaction that would take in what is there already.
var errReplayed = errors.New("the report is there already")

// intake is a report on its way in.
type intake struct {
	yizhan.NewReport
	hash, fingerprint []byte
	location          orb.Point
	community         string
	stage             yizhan.ReportStage
	due               time.Time
	renewed           bool
	note              string
}

// SubmitReport takes in a report, once, however often it arrives: fresh tells whether it is the first time.
func (s *Store) SubmitReport(ctx context.Context, n yizhan.NewReport) (report yizhan.RiderReport, fresh bool, err error) {
	if err := n.Validate(); err != nil {
		return report, false, err
	}
	in := &intake{NewReport: n, hash: hashReportCode(yizhan.ReportCode(n.Key)), stage: yizhan.StageCalled}
	if in.fingerprint, err = fingerprintOf(&n); err != nil {
		return report, false, fmt.Errorf("encode a report: %w", err)
	}
	if there, err := s.replayed(ctx, in); err != nil || there != nil {
		return valueOr(there), false, err
	}
	err = s.takeIn(ctx, in)
	if fresh = err == nil; err != nil && !errors.Is(err, errReplayed) {
		return report, false, err
	}
	there, err := s.replayed(ctx, in)
	return valueOr(there), fresh, err
}

func valueOr(r *yizhan.RiderReport) yizhan.RiderReport {
	if r == nil {
		return yizhan.RiderReport{}
	}
	return *r
}

// replayed finds a report that is there already.
func (s *Store) replayed(ctx context.Context, in *intake) (report *yizhan.RiderReport, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		same, there, err := isThere(ctx, tx, in)
		switch {
		case err != nil || !there:
			return err
		case !same:
			return yizhan.Errorf(yizhan.CodeConflict, "key", "was used for another report")
		}
		found := make([]*yizhan.RiderReport, 1)
		err = riderReports(ctx, tx, [][]byte{in.hash}, found)
		report = found[0]
		return err
	})
	return report, err
}

func isThere(ctx context.Context, tx pgx.Tx, in *intake) (same, there bool, err error) {
	var fingerprint []byte
	err = tx.QueryRow(ctx, `SELECT fingerprint FROM reports WHERE code_hash = $1`, in.hash).Scan(&fingerprint)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	return bytes.Equal(fingerprint, in.fingerprint), err == nil, err
}

// takeIn keeps a report, and with a confirmation that counts renews the station in the same transaction.
func (s *Store) takeIn(ctx context.Context, in *intake) error {
	now := time.Now()
	if in.SeenAt.IsZero() || in.SeenAt.After(now) { // phones' clocks are off
		in.SeenAt = now
	}
	in.due = now.Add(yizhan.DueAfter(in.Kind, in.Topic))
	for n := 1; ; n++ {
		var station *yizhan.Station
		if in.Kind != yizhan.ReportSuggestion {
			f, err := s.FindOne(ctx, yizhan.Ref{Collection: yizhan.Stations, Code: in.Station})
			if yizhan.CodeOf(err) == yizhan.CodeNotFound {
				return yizhan.Invalid("station", "there is no such station")
			}
			if err != nil {
				return err
			}
			station = f.(*yizhan.Station)
		}
		renewed, err := s.place(ctx, in, station)
		if err != nil {
			return err
		}
		keep := func(ctx context.Context, tx pgx.Tx) error { return s.insertReport(ctx, tx, in) }
		if renewed == nil {
			return s.write(ctx, func(tx pgx.Tx) error { return keep(ctx, tx) })
		}
		_, err = s.applyWith(ctx, yizhan.System(actorRider), yizhan.Changeset{Author: actorRider, Reason: "a rider was there: all fine",
			Edits: []yizhan.Edit{yizhan.UpdateOf(renewed)}}, keep)
		// Somebody changed the station meanwhile: look again.
		if yizhan.CodeOf(err) != yizhan.CodeConflict || errors.Is(err, errReplayed) || n == maxAttempts {
			return err
		}
	}
}

// place finds out where the report belongs, and what a confirmation does: it gives the station renewed, or nil.
func (s *Store) place(ctx context.Context, in *intake, station *yizhan.Station) (*yizhan.Station, error) {
	if station != nil {
		in.location, in.community = station.Location, station.Community
	}
	if in.Location != nil {
		in.location = yizhan.SnapPoint(*in.Location)
		community, err := s.communityAt(ctx, in.location)
		if err != nil {
			return nil, err
		}
		if station == nil {
			in.community = community
		}
	}
	if in.Kind != yizhan.ReportConfirmation {
		return nil, nil
	}
	contested, err := s.contested(ctx, station.Code)
	if err != nil {
		return nil, err
	}
	renewed, what := station.RenewedBy(in.SeenAt, contested)
	in.renewed, in.stage, in.note = what == yizhan.Renews, yizhan.StageConverted, string(what)
	switch {
	case what == yizhan.Contradicts:
		in.stage = yizhan.StageCalled
	case time.Since(in.SeenAt) > yizhan.MaxReportAge: // it was too long on its way to say how it is now
		in.renewed, in.note = false, "late"
		return nil, nil
	}
	return renewed, nil
}

// communityAt finds the community of a place in the city.
func (s *Store) communityAt(ctx context.Context, at orb.Point) (community string, err error) {
	point, err := encodePoint(&at)
	if err != nil {
		return "", err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT left(code, 12) FROM micro_grids WHERE boundary && $1::geometry AND ST_Intersects(boundary, $1::geometry) ORDER BY code LIMIT 1`, point).Scan(&community)
		if errors.Is(err, pgx.ErrNoRows) {
			return yizhan.Invalid("location", "is outside of the city; the order is lng, lat")
		}
		return err
	})
	return community, err
}

// contested lists what the problems of a station that staff took up are about.
func (s *Store) contested(ctx context.Context, station string) (topics []yizhan.ReportTopic, err error) {
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT DISTINCT topic FROM reports WHERE station = $1 AND kind = 'problem' AND stage IN ('collected', 'handled')`, station)
		if err != nil {
			return err
		}
		topics, err = pgx.CollectRows(rows, pgx.RowTo[yizhan.ReportTopic])
		return err
	})
	return topics, err
}

// insertReport keeps the report, unless it is there or there are too many. Whoever does so waits for whoever did
// before: each alone might be the last that fits.
func (s *Store) insertReport(ctx context.Context, tx pgx.Tx, in *intake) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('yizhan reports', 0))`); err != nil {
		return err
	}
	_, there, err := isThere(ctx, tx, in)
	if err != nil {
		return err
	}
	if there {
		return errReplayed
	}
	if err := boundReports(ctx, tx, in.Station); err != nil {
		return err
	}
	location, err := encodePoint(&in.location)
	if err != nil {
		return err
	}
	services := make([]string, len(in.Services))
	for i, service := range in.Services {
		services[i] = string(service)
	}
	due := &in.due
	if !in.stage.Open() {
		due = nil
	}
	var id int64
	err = tx.QueryRow(ctx, `INSERT INTO reports (code_hash, fingerprint, kind, topic, station, location, community, services, body, seen_at, stage, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`,
		in.hash, in.fingerprint, string(in.Kind), emptyToNil(string(in.Topic)), emptyToNil(in.Station), location, in.community, services,
		in.Text, in.SeenAt, string(in.stage), due).Scan(&id)
	if err != nil {
		return err
	}
	if err := step(ctx, tx, id, actorRider, "sent", yizhan.StageCalled, ""); err != nil {
		return err
	}
	if err := s.finishIntake(ctx, tx, in, id); err != nil {
		return err
	}
	return s.insertBeside(ctx, tx, in, id)
}

// finishIntake notes what a confirmation did by itself.
func (s *Store) finishIntake(ctx context.Context, tx pgx.Tx, in *intake, id int64) error {
	switch {
	case in.renewed:
		return step(ctx, tx, id, actorYizhan, "renewed", in.stage, in.note)
	case in.stage == yizhan.StageConverted:
		return step(ctx, tx, id, actorYizhan, "moved", in.stage, in.note)
	}
	return nil
}

// insertBeside keeps the contact, sealed, and the photo.
func (s *Store) insertBeside(ctx context.Context, tx pgx.Tx, in *intake, id int64) error {
	if in.Contact != "" {
		keys, err := s.keyring()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE reports SET sealed = $2 WHERE id = $1`, id, keys.seal([]byte(in.Contact), subjectOf(id))); err != nil {
			return err
		}
	}
	if in.Photo == nil {
		return nil
	}
	if err := makeRoomForPhoto(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO report_photos (report, width, height, jpeg) VALUES ($1, $2, $3, $4)`, id, in.Photo.Width, in.Photo.Height, in.Photo.JPEG)
	return err
}

// boundReports refuses what is too much at once; a phone sends it again later.
func boundReports(ctx context.Context, tx pgx.Tx, station string) error {
	var hourly, daily, ofStation int
	err := tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE created_at > now() - interval '1 hour'), count(*), count(*) FILTER (WHERE station = $1)
		FROM reports WHERE created_at > now() - interval '1 day'`, station).Scan(&hourly, &daily, &ofStation)
	if err != nil {
		return err
	}
	if hourly >= maxReportsHourly || daily >= maxReportsDaily || ofStation >= maxReportsStation {
		return yizhan.Errorf(yizhan.CodeUnavailable, "", "more reports have come in than can be taken at the moment; try again later")
	}
	return nil
}

// makeRoomForPhoto lets go of the photo of the report that was closed longest ago, when there are as many as are kept.
func makeRoomForPhoto(ctx context.Context, tx pgx.Tx) error {
	var photos int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM report_photos`).Scan(&photos); err != nil || photos < maxPhotos {
		return err
	}
	gone, err := tx.Exec(ctx, `DELETE FROM report_photos WHERE report = (SELECT p.report FROM report_photos p JOIN reports r ON r.id = p.report
		WHERE r.stage NOT IN ('called', 'collected', 'handled') ORDER BY r.moved_at LIMIT 1)`)
	if err == nil && gone.RowsAffected() == 0 {
		return yizhan.Errorf(yizhan.CodeUnavailable, "", "there is no room for photos at the moment; send the report without one")
	}
	return err
}
