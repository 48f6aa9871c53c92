package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/yizhan/yizhan"
)

// Reports are kept beside the city, not in it: they are no features, and not in the change log. What follows
// from one (a station that counts as seen, a station that is planned) is a changeset like any other, applied
// in the same transaction (docs/decisions/0014-reports.md).

const reportColumns = `r.id, r.kind, coalesce(r.topic, ''), coalesce(r.station, ''), r.location, r.community, r.services, r.body,
	EXISTS (SELECT FROM report_photos p WHERE p.report = r.id), r.has_contact, r.seen_at, r.created_at, r.stage, r.moved_at, r.due_at,
	coalesce(r.assignee, ''), r.answer, coalesce(r.merged_into, 0), coalesce(r.result, ''),
	1 + (SELECT count(*) FROM reports m WHERE m.merged_into = r.id), r.version`

func scanReport(row pgx.CollectableRow) (r yizhan.Report, err error) {
	var location []byte
	var services []string
	err = row.Scan(&r.ID, &r.Kind, &r.Topic, &r.Station, &location, &r.Community, &services, &r.Text, &r.HasPhoto, &r.HasContact,
		&r.SeenAt, &r.CreatedAt, &r.Stage, &r.MovedAt, (*nullTime)(&r.DueAt), &r.Assignee, &r.Answer, &r.MergedInto, &r.Result, &r.Weight, &r.Version)
	if err != nil {
		return r, err
	}
	point, err := decodePoint(location)
	if err != nil {
		return r, err
	}
	r.Location = *point
	for _, service := range services {
		r.Services = append(r.Services, yizhan.Service(service))
	}
	r.SeenAt, r.CreatedAt, r.MovedAt, r.DueAt = r.SeenAt.UTC(), r.CreatedAt.UTC(), r.MovedAt.UTC(), r.DueAt.UTC()
	return r, nil
}

func collectReports(ctx context.Context, tx pgx.Tx, query string, arguments ...any) ([]yizhan.Report, error) {
	rows, err := tx.Query(ctx, query, arguments...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanReport)
}

func noReport() error { return yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such report") }

func hashReportCode(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// fingerprintOf tells a report that is sent again from another one with the same key.
func fingerprintOf(n *yizhan.NewReport) ([]byte, error) {
	text, err := json.Marshal([]any{n.Kind, n.Topic, n.Station, n.Location, n.Services, n.Text})
	sum := sha256.Sum256(text)
	return sum[:], err
}

// underReportRules runs do as the role that sees and changes the reports of some units only.
func underReportRules(ctx context.Context, tx pgx.Tx, by *yizhan.Principal, act yizhan.Act, do func() error) error {
	if by.System {
		return do()
	}
	var scope []string
	for _, unit := range by.Where(act) {
		scope = append(scope, "reports:"+yizhan.UnitPrefix(unit))
	}
	if _, err := tx.Exec(ctx, `SELECT set_config('yizhan.scope', $1, true)`, strings.Join(scope, " ")); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SET LOCAL ROLE yizhan_staff`); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err // the transaction ends, and the role with it
	}
	_, err := tx.Exec(ctx, `SET LOCAL ROLE NONE; SELECT set_config('yizhan.scope', '', true)`)
	return err
}

// readReports runs do over the reports that the principal may see.
func (s *Store) readReports(ctx context.Context, by *yizhan.Principal, do func(pgx.Tx) error) error {
	if !by.May(yizhan.ActReadReports, "") {
		return yizhan.Errorf(yizhan.CodeForbidden, "", "you may not read reports")
	}
	return s.read(ctx, func(tx pgx.Tx) error {
		return underReportRules(ctx, tx, by, yizhan.ActReadReports, func() error { return do(tx) })
	})
}

// RiderReports tells what became of reports, by their codes; nil for a code that there is none of.
func (s *Store) RiderReports(ctx context.Context, codes []string) ([]*yizhan.RiderReport, error) {
	if len(codes) > yizhan.MaxReportCodes {
		return nil, yizhan.Errorf(yizhan.CodeTooLarge, "codes", "%d codes; %d are allowed", len(codes), yizhan.MaxReportCodes)
	}
	hashes := make([][]byte, len(codes))
	for i, code := range codes {
		hashes[i] = hashReportCode(code)
	}
	found := make([]*yizhan.RiderReport, len(codes))
	return found, s.read(ctx, func(tx pgx.Tx) error { return riderReports(ctx, tx, hashes, found) })
}

func riderReports(ctx context.Context, tx pgx.Tx, hashes [][]byte, found []*yizhan.RiderReport) error {
	rows, err := tx.Query(ctx, `SELECT n, r.kind, coalesce(r.topic, ''), coalesce(r.station, ''), e.stage, r.merged_into IS NOT NULL, e.answer,
			r.created_at, e.moved_at, e.due_at, coalesce(e.result, ''),
			EXISTS (SELECT FROM report_steps s WHERE s.report = r.id AND s.act = 'renewed')
		FROM unnest($1::bytea[]) WITH ORDINALITY AS given(hash, n) JOIN reports r ON r.code_hash = given.hash
		JOIN reports e ON e.id = coalesce(r.merged_into, r.id)`, hashes)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var r yizhan.RiderReport
		if err := rows.Scan(&n, &r.Kind, &r.Topic, &r.Station, &r.Stage, &r.Merged, &r.Answer, &r.CreatedAt, &r.MovedAt, (*nullTime)(&r.DueAt),
			&r.Result, &r.Renewed); err != nil {
			return err
		}
		r.CreatedAt, r.MovedAt, r.DueAt = r.CreatedAt.UTC(), r.MovedAt.UTC(), r.DueAt.UTC()
		found[n-1] = &r
	}
	return rows.Err()
}

// Reports gives a page of the queue.
func (s *Store) Reports(ctx context.Context, by *yizhan.Principal, q yizhan.ReportQuery) (page yizhan.ReportPage, err error) {
	if q.Limit < 1 || q.Limit > yizhan.MaxReportPage {
		return page, yizhan.Invalid("limit", "%d is not in 1..%d", q.Limit, yizhan.MaxReportPage)
	}
	c := reportConditions(q)
	where := c.String()
	err = s.readReports(ctx, by, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM reports r`+where, c.arguments...).Scan(&page.Total); err != nil {
			return err
		}
		limit, offset := c.bind(q.Limit), c.bind(q.Offset)
		page.Reports, err = collectReports(ctx, tx, `SELECT `+reportColumns+` FROM reports r`+where+
			` ORDER BY (r.stage NOT IN ('called', 'collected', 'handled')), CASE WHEN r.stage IN ('called', 'collected', 'handled') THEN r.due_at END, r.moved_at DESC, r.id
			LIMIT `+limit+` OFFSET `+offset, c.arguments...)
		return err
	})
	if err == nil {
		page.Names, err = s.reportNames(ctx, assigneesOf(page.Reports))
	}
	return page, err
}

// reportNames tells how accounts are called. Whoever may read reports of a place may know who works at them.
func (s *Store) reportNames(ctx context.Context, accounts []string) (names yizhan.ReportNames, err error) {
	names = yizhan.ReportNames{}
	return names, s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT name, display_name FROM users WHERE name = ANY ($1)`, accounts)
		if err != nil {
			return err
		}
		var name, shown string
		_, err = pgx.ForEachRow(rows, []any{&name, &shown}, func() error {
			names[name] = shown
			return nil
		})
		return err
	})
}

func assigneesOf(reports []yizhan.Report) (accounts []string) {
	for i := range reports {
		accounts = append(accounts, reports[i].Assignee)
	}
	return accounts
}

func reportConditions(q yizhan.ReportQuery) *conditions {
	c := &conditions{}
	if len(q.Stages) == 0 {
		q.Stages = []yizhan.ReportStage{yizhan.StageCalled, yizhan.StageCollected, yizhan.StageHandled}
	}
	stages := make([]string, len(q.Stages))
	for i, stage := range q.Stages {
		stages[i] = string(stage)
	}
	c.add(`r.stage = ANY (?)`, stages)
	if q.Kind != "" {
		c.add(`r.kind = ?`, string(q.Kind))
	}
	if q.Unit != "" {
		c.add(`starts_with(r.community, ?)`, yizhan.UnitPrefix(q.Unit))
	}
	if q.Station != "" {
		c.add(`(r.station = ? OR r.result = ?)`, q.Station, q.Station)
	}
	if q.Assignee != "" {
		c.add(`r.assignee = ?`, q.Assignee)
	}
	if q.Overdue {
		c.add(`r.due_at < now() AND r.stage IN ('called', 'collected', 'handled')`)
	}
	return c
}

// Where reports may tell the same.
const (
	duplicateMeters = 300
	duplicateDays   = 30
	maxDuplicates   = 20
)

// Report gives one report with its history and those that may tell the same.
func (s *Store) Report(ctx context.Context, by *yizhan.Principal, id int64) (d yizhan.ReportDetail, err error) {
	err = s.readReports(ctx, by, func(tx pgx.Tx) error {
		d, err = reportDetail(ctx, tx, id)
		return err
	})
	if err != nil {
		return d, err
	}
	accounts := append(assigneesOf(d.Merged), assigneesOf(d.Duplicates)...)
	for _, step := range d.Steps {
		accounts = append(accounts, step.Actor)
	}
	d.Names, err = s.reportNames(ctx, append(accounts, d.Assignee))
	return d, err
}

func reportDetail(ctx context.Context, tx pgx.Tx, id int64) (d yizhan.ReportDetail, err error) {
	found, err := collectReports(ctx, tx, `SELECT `+reportColumns+` FROM reports r WHERE r.id = $1`, id)
	if err != nil {
		return d, err
	}
	if len(found) == 0 {
		return d, noReport()
	}
	d.Report = found[0]
	rows, err := tx.Query(ctx, `SELECT at, actor, act, stage, note FROM report_steps WHERE report = $1 ORDER BY id`, id)
	if err != nil {
		return d, err
	}
	if d.Steps, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (step yizhan.ReportStep, err error) {
		err = row.Scan(&step.At, &step.Actor, &step.Act, &step.Stage, &step.Note)
		step.At = step.At.UTC()
		return step, err
	}); err != nil {
		return d, err
	}
	if d.Merged, err = collectReports(ctx, tx, `SELECT `+reportColumns+` FROM reports r WHERE r.merged_into = $1 ORDER BY r.id LIMIT 200`, id); err != nil {
		return d, err
	}
	if !d.Stage.Open() {
		return d, nil
	}
	// Of one station, or near each other; of one kind and topic; and of about the same time.
	d.Duplicates, err = collectReports(ctx, tx, `SELECT `+reportColumns+` FROM reports r, reports own
		WHERE own.id = $1 AND r.id <> own.id AND r.kind = own.kind AND r.topic IS NOT DISTINCT FROM own.topic
			AND r.stage IN ('called', 'collected', 'handled') AND r.station IS NOT DISTINCT FROM own.station
			AND (own.station IS NOT NULL OR r.location && ST_Expand(own.location, 0.02) AND ST_DWithin(r.location::geography, own.location::geography, $2))
			AND abs(extract(epoch FROM r.created_at - own.created_at)) < $3 * 86400
		ORDER BY r.location::geography <-> own.location::geography, r.id LIMIT $4`, id, duplicateMeters, duplicateDays, maxDuplicates)
	return d, err
}

// ReportPhoto gives the photo of a report.
func (s *Store) ReportPhoto(ctx context.Context, by *yizhan.Principal, id int64) (photo yizhan.Photo, err error) {
	err = s.readReports(ctx, by, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT jpeg, width, height FROM report_photos WHERE report = $1`, id).Scan(&photo.JPEG, &photo.Width, &photo.Height)
		if errors.Is(err, pgx.ErrNoRows) {
			return yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such photo")
		}
		return err
	})
	return photo, err
}

// ReportStatistics counts reports by stage and kind, for each unit right below a unit; of a community for
// itself. What is counted is what the principal may see.
func (s *Store) ReportStatistics(ctx context.Context, by *yizhan.Principal, unit string) (counts []yizhan.ReportCount, err error) {
	prefix := yizhan.UnitPrefix(unit)
	digits, known := map[int]int{4: 6, 6: 9, 9: 12, 12: 12}[len(prefix)]
	if !known {
		return nil, yizhan.Invalid("unit", "is not the code of a city, banner, township or community")
	}
	err = s.readReports(ctx, by, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT left(community, $2), stage, kind, count(*),
				count(*) FILTER (WHERE due_at < now() AND stage IN ('called', 'collected', 'handled'))
			FROM reports WHERE starts_with(community, $1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, prefix, digits)
		if err != nil {
			return err
		}
		counts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c yizhan.ReportCount, err error) {
			err = row.Scan(&c.Unit, &c.Stage, &c.Kind, &c.Count, &c.Overdue)
			return c, err
		})
		return err
	})
	return counts, err
}

// Suggestions lists what riders wish for and staff took up, as candidates for new stations.
func (s *Store) Suggestions(ctx context.Context, by *yizhan.Principal, unit string) (found []yizhan.Report, err error) {
	err = s.readReports(ctx, by, func(tx pgx.Tx) error {
		found, err = collectReports(ctx, tx, `SELECT `+reportColumns+` FROM reports r WHERE r.kind = 'suggestion' AND r.stage IN ('collected', 'handled')
			AND ($1 = '' OR starts_with(r.community, $1)) ORDER BY r.id LIMIT 10000`, yizhan.UnitPrefix(unit))
		return err
	})
	return found, err
}

// Handlers lists the accounts that may be given a report: those that may handle reports where it is.
func (s *Store) Handlers(ctx context.Context, by *yizhan.Principal, id int64) (handlers []yizhan.Handler, err error) {
	detail, err := s.Report(ctx, by, id)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		handlers, err = handlersIn(ctx, tx, detail.Community)
		return err
	})
	return handlers, err
}

func handlersIn(ctx context.Context, tx pgx.Tx, community string) (handlers []yizhan.Handler, err error) {
	rows, err := tx.Query(ctx, selectUser+`WHERE u.disabled_at IS NULL`+groupUser)
	if err != nil {
		return nil, err
	}
	users, err := pgx.CollectRows(rows, scanUser)
	for _, u := range users {
		if (&yizhan.Principal{User: u, Grants: u.Grants}).May(yizhan.ActHandleReports, community) {
			handlers = append(handlers, yizhan.Handler{Name: u.Name, DisplayName: u.DisplayName})
		}
	}
	return handlers, err
}

func step(ctx context.Context, tx pgx.Tx, report int64, actor, act string, stage yizhan.ReportStage, note string) error {
	_, err := tx.Exec(ctx, `INSERT INTO report_steps (report, actor, act, stage, note, at) VALUES ($1, $2, $3, $4, $5, clock_timestamp())`,
		report, actor, act, string(stage), note)
	return err
}

func subjectOf(report int64) string { return fmt.Sprintf("reports/%d", report) }

func dueText(due time.Time) string {
	if due.IsZero() {
		return ""
	}
	return due.UTC().Format(time.RFC3339)
}
