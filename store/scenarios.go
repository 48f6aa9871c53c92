package store

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// scenarioEditRecord is an edit of a scenario as the table keeps it.
type scenarioEditRecord struct {
	Kind         yizhan.ScenarioEditKind `json:"kind"`
	Station      string                  `json:"station,omitempty"`
	Name         string                  `json:"name,omitempty"`
	Location     *orb.Point              `json:"location,omitempty"`
	Services     []yizhan.Service        `json:"services,omitempty"`
	OpeningHours string                  `json:"opening_hours,omitempty"`
	Capacity     int                     `json:"capacity,omitempty"`
	Heated       bool                    `json:"heated,omitempty"`
	Unit         string                  `json:"unit,omitempty"`
	PerMille     int                     `json:"per_mille,omitempty"`
}

// CreateScenario keeps a new scenario, which belongs to whoever makes it, and gives it as it is kept: with an
// ID, at version 1. Added stations without a code get one.
func (s *Store) CreateScenario(ctx context.Context, by *yizhan.Principal, scenario yizhan.Scenario) (*yizhan.Scenario, error) {
	if !by.May(yizhan.ActEditScenarios, "") {
		return nil, outOfScope(scenariosTable, nil)
	}
	edits, err := encodeScenario(&scenario)
	if err != nil {
		return nil, err
	}
	scenario.ID, scenario.Owner = newScenarioID(), by.User.ID
	err = s.writeScenario(ctx, by, "scenarios.create", &scenario, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `INSERT INTO scenarios (id, name, note, author, owner, seq, edits, version)
			VALUES ($1, $2, $3, $4, nullif($5, 0), $6, $7, 1) RETURNING version, created_at, updated_at`,
			scenario.ID, scenario.Name, scenario.Note, scenario.Author, scenario.Owner, scenario.Seq, edits).
			Scan(&scenario.Version, &scenario.CreatedAt, &scenario.UpdatedAt)
	})
	return kept(scenario, err)
}

// FindScenario gives one scenario.
func (s *Store) FindScenario(ctx context.Context, id string) (*yizhan.Scenario, error) {
	if !yizhan.IsScenarioID(id) {
		return nil, noScenario()
	}
	var found *yizhan.Scenario
	err := s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, name, note, author, coalesce(owner, 0), seq, version, created_at, updated_at, edits FROM scenarios WHERE id = $1`, id)
		if err != nil {
			return err
		}
		found, err = pgx.CollectExactlyOneRow(rows, scanScenario)
		return missingScenario(err)
	})
	return found, err
}

// ListScenarios gives a page of scenarios, newest first. Pages follow each other by ScenarioQuery.After: a
// scenario that is there all the time is seen once, whatever others create and delete meanwhile.
func (s *Store) ListScenarios(ctx context.Context, q yizhan.ScenarioQuery) (page yizhan.ScenarioPage, err error) {
	if q.Limit < 1 || q.Limit > yizhan.MaxScenarioPage {
		return page, yizhan.Invalid("limit", "%d is not in 1..%d", q.Limit, yizhan.MaxScenarioPage)
	}
	where, arguments := "", []any{q.Limit + 1}
	if q.After != (yizhan.ScenarioKey{}) {
		if !yizhan.IsScenarioID(q.After.ID) {
			return page, yizhan.Invalid("after", "is not the place of a scenario")
		}
		where, arguments = "WHERE (created_at, id) < ($2, $3)", append(arguments, q.After.CreatedAt, q.After.ID)
	}
	err = s.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, name, note, author, coalesce(owner, 0), seq, version, created_at, updated_at, jsonb_array_length(edits)
			FROM scenarios `+where+` ORDER BY created_at DESC, id DESC LIMIT $1`, arguments...)
		if err != nil {
			return err
		}
		page.Scenarios, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (y yizhan.ScenarioSummary, err error) {
			err = row.Scan(append(headOf(&y.Scenario), &y.EditCount)...)
			inUTC(&y.Scenario)
			return y, err
		})
		return err
	})
	if page.More = len(page.Scenarios) > q.Limit; page.More {
		page.Scenarios = page.Scenarios[:q.Limit]
	}
	return page, err
}

// ReplaceScenario replaces name, note, seq and edits of the scenario with the same ID, if that is still at
// the given one's Version and the principal's to edit, and gives the scenario as it is kept. Who made it, and
// when, stays.
func (s *Store) ReplaceScenario(ctx context.Context, by *yizhan.Principal, scenario yizhan.Scenario) (*yizhan.Scenario, error) {
	if !yizhan.IsScenarioID(scenario.ID) {
		return nil, noScenario()
	}
	edits, err := encodeScenario(&scenario)
	if err != nil {
		return nil, err
	}
	base := scenario.Version
	err = s.writeScenario(ctx, by, "scenarios.replace", &scenario, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `UPDATE scenarios SET name = $3, note = $4, seq = $5, edits = $6, version = version + 1, updated_at = clock_timestamp()
			WHERE id = $1 AND version = $2 RETURNING author, coalesce(owner, 0), version, created_at, updated_at`,
			scenario.ID, base, scenario.Name, scenario.Note, scenario.Seq, edits).
			Scan(&scenario.Author, &scenario.Owner, &scenario.Version, &scenario.CreatedAt, &scenario.UpdatedAt)
		return whyNot(ctx, tx, scenario.ID, base, err)
	})
	return kept(scenario, err)
}

// DeleteScenario deletes the scenario if it is still at the given version and the principal's to edit.
func (s *Store) DeleteScenario(ctx context.Context, by *yizhan.Principal, id string, version int64) error {
	if !yizhan.IsScenarioID(id) {
		return noScenario()
	}
	return s.writeScenario(ctx, by, "scenarios.delete", &yizhan.Scenario{ID: id}, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `DELETE FROM scenarios WHERE id = $1 AND version = $2 RETURNING id`, id, version).Scan(&id)
		return whyNot(ctx, tx, id, version, err)
	})
}

const scenariosTable = "scenarios"

// writeScenario runs do for a person, whom row-level security holds to the scenarios that are theirs, and notes
// it in the audit trail.
func (s *Store) writeScenario(ctx context.Context, by *yizhan.Principal, act string, scenario *yizhan.Scenario, do func(pgx.Tx) error) error {
	return s.write(ctx, func(tx pgx.Tx) error {
		if err := reached(ctx, tx, scenario.Seq); err != nil {
			return err
		}
		if by != nil && by.System {
			return do(tx)
		}
		if err := restrict(ctx, tx, scenarioScope(by)); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if err := release(ctx, tx); err != nil {
			return err
		}
		return audit(ctx, tx, by, act, "scenarios/"+scenario.ID, nil)
	})
}

// scenarioScope is what the principal may write, as row-level security reads it.
func scenarioScope(by *yizhan.Principal) string {
	switch {
	case by.May(yizhan.ActKeepScenarios, ""):
		return "scenarios:*"
	case by.May(yizhan.ActEditScenarios, ""):
		return fmt.Sprintf("scenarios:%d", by.User.ID)
	}
	return ""
}

// write runs do in a transaction of its own, and again if it surely had no effect and may then succeed.
func (s *Store) write(ctx context.Context, do func(pgx.Tx) error) error {
	for n := 1; ; n++ {
		err := pgx.BeginFunc(ctx, s.pool, do)
		if err == nil || n >= maxAttempts || !isTransient(err) || !pause(ctx, n) {
			return translate(ctx, err)
		}
	}
}

// whyNot explains why there was no row, at the version that an edit was based on, that the writer may change.
func whyNot(ctx context.Context, tx pgx.Tx, id string, base int64, err error) error {
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	var version int64
	if err := tx.QueryRow(ctx, `SELECT version FROM scenarios WHERE id = $1`, id).Scan(&version); err != nil {
		return missingScenario(err)
	}
	if version == base {
		return outOfScope(scenariosTable, nil)
	}
	return yizhan.Errorf(yizhan.CodeConflict, "version", "the scenario is at version %d, the edit was based on version %d", version, base)
}

func missingScenario(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return noScenario()
	}
	return err
}

func noScenario() error {
	return yizhan.Errorf(yizhan.CodeNotFound, "id", "there is no such scenario")
}

// reached refuses a seq that the log has not come to.
func reached(ctx context.Context, tx pgx.Tx, seq int64) error {
	var last int64
	if err := tx.QueryRow(ctx, lastSeq).Scan(&last); err != nil {
		return err
	}
	if seq > last {
		return yizhan.Invalid("seq", "%d is after the last change, %d", seq, last)
	}
	return nil
}

// newScenarioID makes 80 random bits into 16 characters.
func newScenarioID() string {
	var random [10]byte
	rand.Read(random[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
}

// encodeScenario checks a scenario, brings it into the form in which it is kept, and gives its edits.
func encodeScenario(scenario *yizhan.Scenario) ([]byte, error) {
	scenario.Edits = append([]yizhan.ScenarioEdit{}, scenario.Edits...) // the caller's stay as they are
	scenario.NameNewStations()
	if err := scenario.Validate(); err != nil {
		return nil, err
	}
	records := make([]scenarioEditRecord, len(scenario.Edits))
	for i := range scenario.Edits {
		e := &scenario.Edits[i]
		records[i] = scenarioEditRecord{Kind: e.Kind, Station: e.Station, Name: e.Name, Services: e.Services, OpeningHours: e.Hours.String(),
			Capacity: e.Capacity, Heated: e.Heated, Unit: e.Unit, PerMille: e.PerMille}
		if e.Kind == yizhan.AddStation || e.Kind == yizhan.MoveStation {
			e.Location = yizhan.SnapPoint(e.Location)
			records[i].Location = &e.Location
		}
	}
	edits, err := json.Marshal(records)
	if err != nil {
		return nil, fmt.Errorf("encode a scenario: %w", err)
	}
	return edits, nil
}

// kept gives a scenario that was written.
func kept(scenario yizhan.Scenario, err error) (*yizhan.Scenario, error) {
	if err != nil {
		return nil, err
	}
	inUTC(&scenario)
	return &scenario, nil
}

func inUTC(s *yizhan.Scenario) {
	s.CreatedAt, s.UpdatedAt = s.CreatedAt.UTC(), s.UpdatedAt.UTC()
}

// headOf is where the columns before the edits go.
func headOf(s *yizhan.Scenario) []any {
	return []any{&s.ID, &s.Name, &s.Note, &s.Author, &s.Owner, &s.Seq, &s.Version, &s.CreatedAt, &s.UpdatedAt}
}

func scanScenario(row pgx.CollectableRow) (*yizhan.Scenario, error) {
	var s yizhan.Scenario
	var edits []byte
	if err := row.Scan(append(headOf(&s), &edits)...); err != nil {
		return nil, err
	}
	inUTC(&s)
	var records []scenarioEditRecord
	if err := json.Unmarshal(edits, &records); err != nil {
		return nil, fmt.Errorf("read scenario %s: %w", s.ID, err)
	}
	s.Edits = make([]yizhan.ScenarioEdit, len(records))
	for i, r := range records {
		hours, err := yizhan.ParseHours(r.OpeningHours)
		if err != nil {
			return nil, fmt.Errorf("read edit %d of scenario %s: %v", i, s.ID, err) // not the reader's fault
		}
		s.Edits[i] = yizhan.ScenarioEdit{Kind: r.Kind, Station: r.Station, Name: r.Name, Services: r.Services, Hours: hours,
			Capacity: r.Capacity, Heated: r.Heated, Unit: r.Unit, PerMille: r.PerMille}
		if r.Location != nil {
			s.Edits[i].Location = *r.Location
		}
	}
	return &s, nil
}
