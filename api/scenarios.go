package api

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// Scenarios keeps scenarios, and knows the cities they are laid over; *store.Store does.
type Scenarios interface {
	CreateScenario(ctx context.Context, by *yizhan.Principal, scenario yizhan.Scenario) (*yizhan.Scenario, error)
	FindScenario(ctx context.Context, id string) (*yizhan.Scenario, error)
	ListScenarios(context.Context, yizhan.ScenarioQuery) (yizhan.ScenarioPage, error)
	ReplaceScenario(ctx context.Context, by *yizhan.Principal, scenario yizhan.Scenario) (*yizhan.Scenario, error)
	DeleteScenario(ctx context.Context, by *yizhan.Principal, id string, version int64) error
	CityAt(ctx context.Context, seq int64) (*yizhan.City, error)
}

type scenarioInput struct {
	ID string `path:"id" doc:"The id of the scenario" maxLength:"32" example:"mfzwizltoqydamrq"`
}

type scenarioEditInput struct {
	ID      string `path:"id" doc:"The id of the scenario" maxLength:"32" example:"mfzwizltoqydamrq"`
	IfMatch string `header:"If-Match"`
}

type scenarioListInput struct {
	Limit int    `query:"limit" doc:"Scenarios a page" minimum:"1" maximum:"1000" default:"100"`
	After string `query:"after"`

	linkedInput
	query url.Values
}

// Resolve takes what the links of the page need.
func (in *scenarioListInput) Resolve(ctx huma.Context) []error {
	in.base, in.query = addressed(humafiber.UnwrapV2(ctx))
	return nil
}

const scenariosPath = "/api/scenarios"

func (s *Server) routeScenarios() {
	tags := []string{"Scenarios"}
	etag := map[string]*huma.Param{"ETag": {Description: "The version of the scenario", Schema: &huma.Schema{Type: huma.TypeString}}}
	operationWithBody[struct{}, ScenarioBody, ScenarioReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusCreated,
		OperationID: "create-scenario", Path: scenariosPath, Tags: tags, Summary: "Save a what-if",
		Description: "A scenario is an ordered list of edits laid over the city as it was at one seq; it never changes the city. Without `seq` it is the present one. " +
			"Each edit is checked against that city; one that does not fit is named, as in `body.edits[3].location`. " +
			"The scenario belongs to the account that made it; anybody who has its address may look at it, and who may make scenarios may copy it.",
		Errors: signedIn,
		Responses: map[string]*huma.Response{"201": {Description: "The scenario as it is kept",
			Headers: map[string]*huma.Param{"ETag": etag["ETag"], "Location": {Description: "Its address", Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, s.createScenario)
	operation[scenarioListInput, ScenarioPageReport](s, huma.Operation{
		OperationID: "list-scenarios", Path: scenariosPath, Tags: tags, Summary: "The scenarios, newest first",
		Description: "For staff; who has the address of one needs no account. Without their edits. Follow the `next` link for more; pages stay right while others edit.",
		Parameters: []*huma.Param{{Name: "after", In: "query", Description: "Where the page begins; comes in `next` links only", Schema: &huma.Schema{
			Type: huma.TypeString, Pattern: cursorPattern, PatternDescription: "a cursor from a next link"}}},
		Errors: signedIn,
	}, s.listScenarios)
	operation[scenarioInput, ScenarioReport](s, huma.Operation{
		OperationID: "get-scenario", Path: scenariosPath + "/{id}", Tags: tags, Summary: "One scenario",
		Description: "The `ETag` is its version: an edit sends it back as If-Match.",
		Errors:      []int{http.StatusNotFound}, Responses: map[string]*huma.Response{"200": {Description: "The scenario", Headers: etag}, "304": {Description: "Not changed"}},
	}, s.scenario)
	conditional := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusPreconditionFailed, http.StatusPreconditionRequired}
	operationWithBody[scenarioEditInput, ScenarioReplacement, ScenarioReport](s, huma.Operation{
		Method:      http.MethodPut,
		OperationID: "replace-scenario", Path: scenariosPath + "/{id}", Tags: tags, Summary: "Replace a scenario",
		Description: "Its name, note, edits and seq; without `seq` it stays over the one that it is over. Who made it, and when, stays.",
		Parameters:  []*huma.Param{ifMatchParam()},
		Errors:      conditional, Responses: map[string]*huma.Response{"200": {Description: "The scenario as it is kept", Headers: etag}},
	}, s.replaceScenario)
	operation[scenarioEditInput, struct{}](s, huma.Operation{
		Method: http.MethodDelete, DefaultStatus: http.StatusNoContent,
		OperationID: "delete-scenario", Path: scenariosPath + "/{id}", Tags: tags, Summary: "Delete a scenario",
		Parameters: []*huma.Param{ifMatchParam()},
		Errors:     conditional, Responses: map[string]*huma.Response{"204": {Description: "It is gone"}},
	}, s.deleteScenario)
	operation[scenarioEditInput, ScenarioReport](s, huma.Operation{
		Method:      http.MethodPost,
		OperationID: "rebase-scenario", Path: scenariosPath + "/{id}/rebase", Tags: tags, Summary: "Lay a scenario over the city as it is now",
		Description: "If some edits no longer fit, as when a station that one moves is gone, nothing is changed, and the 409 names each of them.",
		Parameters:  []*huma.Param{ifMatchParam()},
		Errors:      append([]int{http.StatusConflict}, conditional...), Responses: map[string]*huma.Response{"200": {Description: "The scenario as it is kept", Headers: etag}},
	}, s.rebaseScenario)
}

// scenarios is what keeps them.
func (s *Server) scenarios() (Scenarios, error) {
	if s.options.Scenarios == nil {
		return nil, unavailable("this server keeps no scenarios", nil)
	}
	return s.options.Scenarios, nil
}

func (s *Server) createScenario(ctx context.Context, _ *struct{}, body *ScenarioBody) (*reply, error) {
	kept, err := s.scenarios()
	if err != nil {
		return nil, err
	}
	scenario := yizhan.Scenario{Name: body.Name, Note: body.Note, Author: body.Author}
	if scenario.Edits, err = editsOf(body.Edits); err != nil {
		return nil, inBody(err)
	}
	if scenario.Seq, err = s.seqOr(body.Seq); err != nil {
		return nil, err
	}
	if err := s.checkScenario(ctx, &scenario); err != nil {
		return nil, err
	}
	created, err := kept.CreateScenario(ctx, askerOf(ctx), scenario)
	if err != nil {
		return nil, fmt.Errorf("create a scenario: %w", inBody(err))
	}
	answer, err := scenarioReply(created)
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	answer.headers = map[string]string{fiber.HeaderLocation: scenariosPath + "/" + created.ID}
	return answer, nil
}

// seqOr is the seq that was given, or else the present one.
func (s *Server) seqOr(given *int64) (int64, error) {
	if given != nil {
		return *given, nil
	}
	city := s.options.Feed.City()
	if city == nil {
		return 0, unavailable("the city is still being loaded", nil)
	}
	return city.Seq, nil
}

// checkScenario checks a scenario by itself, and against the city that it is laid over.
func (s *Server) checkScenario(ctx context.Context, scenario *yizhan.Scenario) error {
	scenario.NameNewStations()
	if err := scenario.Validate(); err != nil {
		return inBody(err)
	}
	city, err := s.cityAt(ctx, scenario.Seq)
	if err != nil {
		return inBody(err)
	}
	_, err = scenario.Over(city, nil)
	return inBody(err)
}

// cityAt is the city at a seq; an old one is read from the database, a few at a time.
func (s *Server) cityAt(ctx context.Context, seq int64) (*yizhan.City, error) {
	if city := s.options.Feed.City(); city != nil && city.Seq == seq {
		return city, nil
	}
	kept, err := s.scenarios()
	if err != nil {
		return nil, err
	}
	done, err := s.makeLarge(ctx, largePage+1)
	if err != nil {
		return nil, err
	}
	defer done()
	return kept.CityAt(ctx, seq)
}

// scenarioReply answers with a scenario.
func scenarioReply(scenario *yizhan.Scenario) (*reply, error) {
	answer, err := jsonReply(reportOfScenario(scenario))
	if err != nil {
		return nil, err
	}
	answer.version = strconv.FormatInt(scenario.Version, 10)
	return answer, nil
}

func (s *Server) scenario(ctx context.Context, in *scenarioInput) (*reply, error) {
	found, err := s.findScenario(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return scenarioReply(found)
}

func (s *Server) findScenario(ctx context.Context, id string) (*yizhan.Scenario, error) {
	kept, err := s.scenarios()
	if err != nil {
		return nil, err
	}
	if !yizhan.IsScenarioID(id) {
		return nil, notFound("there is no such scenario")
	}
	found, err := kept.FindScenario(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find a scenario: %w", err)
	}
	return found, nil
}

// scenarioToEdit finds a scenario that is the asker's to edit and at the version that an edit is based on.
func (s *Server) scenarioToEdit(ctx context.Context, in *scenarioEditInput) (*yizhan.Scenario, error) {
	version, isAny, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	found, err := s.findScenario(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !askerOf(ctx).MayEditScenario(found) {
		return nil, newProblem("forbidden", "the scenario belongs to another account; save a copy of it")
	}
	if !isAny && found.Version != version {
		return nil, otherVersion(yizhan.Errorf(yizhan.CodeConflict, "version", "the scenario is at version %d, the edit was based on version %d",
			found.Version, version), func() (int64, error) { return found.Version, nil })
	}
	return found, nil
}

func (s *Server) replaceScenario(ctx context.Context, in *scenarioEditInput, body *ScenarioReplacement) (*reply, error) {
	scenario, err := s.scenarioToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	scenario.Name, scenario.Note = body.Name, body.Note
	if body.Seq != nil {
		scenario.Seq = *body.Seq
	}
	if scenario.Edits, err = editsOf(body.Edits); err != nil {
		return nil, inBody(err)
	}
	if err := s.checkScenario(ctx, scenario); err != nil {
		return nil, err
	}
	return s.keepScenario(ctx, scenario)
}

// keepScenario replaces a scenario that is still at its version.
func (s *Server) keepScenario(ctx context.Context, scenario *yizhan.Scenario) (*reply, error) {
	replaced, err := s.options.Scenarios.ReplaceScenario(ctx, askerOf(ctx), *scenario)
	if err != nil {
		return nil, fmt.Errorf("replace a scenario: %w", inBody(s.otherScenario(ctx, scenario.ID, err)))
	}
	return scenarioReply(replaced)
}

// otherScenario makes of a conflict of versions the problem that tells which one is there now.
func (s *Server) otherScenario(ctx context.Context, id string, err error) error {
	return otherVersion(err, func() (int64, error) {
		found, err := s.findScenario(ctx, id)
		if err != nil {
			return 0, err
		}
		return found.Version, nil
	})
}

func (s *Server) deleteScenario(ctx context.Context, in *scenarioEditInput) (*reply, error) {
	scenario, err := s.scenarioToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.options.Scenarios.DeleteScenario(ctx, askerOf(ctx), scenario.ID, scenario.Version); err != nil {
		return nil, fmt.Errorf("delete a scenario: %w", s.otherScenario(ctx, scenario.ID, err))
	}
	return &reply{status: http.StatusNoContent, volatile: true}, nil
}

func (s *Server) rebaseScenario(ctx context.Context, in *scenarioEditInput) (*reply, error) {
	scenario, err := s.scenarioToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	city := s.options.Feed.City()
	switch {
	case city == nil:
		return nil, unavailable("the city is still being loaded", nil)
	case city.Seq == scenario.Seq:
		return scenarioReply(scenario)
	}
	if faults := misfits(*scenario, city); len(faults) > 0 {
		problem := newProblem("conflict", fmt.Sprintf("the edits do not all fit the city at seq %d; the scenario stays over seq %d", city.Seq, scenario.Seq))
		problem.Errors = faults
		return nil, problem
	}
	scenario.Seq = city.Seq
	return s.keepScenario(ctx, scenario)
}

// misfits names each edit that does not fit a city, at most maxFaults of them. An edit of a station whose
// own making does not fit is named as well.
func misfits(scenario yizhan.Scenario, city *yizhan.City) []Fault {
	scenario.Seq = city.Seq
	all := scenario.Edits
	scenario.Edits = nil
	var faults []Fault
	for from := 0; from < len(all) && len(faults) < maxFaults; {
		fitting := len(scenario.Edits)
		trial := scenario
		trial.Edits = append(scenario.Edits[:fitting:fitting], all[from:]...)
		at, fault := firstMisfit(&trial, city)
		if at < 0 {
			break
		}
		scenario.Edits = trial.Edits[:at:at]
		from += at - fitting // to the edit at fault
		fault.Location = fmt.Sprintf("edits[%d]%s", from, fault.Location)
		faults = append(faults, fault)
		from++
	}
	return faults
}

// firstMisfit gives the index of the first edit that does not fit, -1 if all do, and what is wrong; the
// location is what follows the edit.
func firstMisfit(scenario *yizhan.Scenario, city *yizhan.City) (int, Fault) {
	_, err := scenario.Over(city, nil)
	var domain *yizhan.Error
	if err == nil || !errors.As(err, &domain) {
		return -1, Fault{}
	}
	var at int
	var field string
	if n, _ := fmt.Sscanf(domain.Field, "edits[%d]%s", &at, &field); n == 0 {
		return -1, Fault{}
	}
	return at, Fault{Location: field, Message: domain.Message}
}

func (s *Server) listScenarios(ctx context.Context, in *scenarioListInput) (*reply, error) {
	kept, err := s.scenarios()
	if err != nil {
		return nil, err
	}
	query := yizhan.ScenarioQuery{Limit: in.Limit}
	if in.After != "" {
		if query.After, err = decodeScenarioCursor(in.After); err != nil {
			return nil, err
		}
	}
	page, err := kept.ListScenarios(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("list scenarios: %w", err)
	}
	address := s.base(in.base) + scenariosPath
	report := ScenarioPageReport{Scenarios: []ScenarioSummaryReport{}, Links: []Link{{Rel: "self", Href: withQuery(address, in.query), Type: mediaJSON}}}
	for _, one := range page.Scenarios {
		report.Scenarios = append(report.Scenarios, ScenarioSummaryReport{headOfScenario(&one.Scenario), one.EditCount})
	}
	if n := len(page.Scenarios); page.More && n > 0 {
		last := page.Scenarios[n-1]
		in.query.Set("after", encodeScenarioCursor(yizhan.ScenarioKey{CreatedAt: last.CreatedAt, ID: last.ID}))
		report.Links = append(report.Links, Link{Rel: "next", Href: withQuery(address, in.query), Type: mediaJSON})
	}
	answer, err := jsonReply(report)
	if err != nil {
		return nil, err
	}
	answer.volatile = true
	return answer, nil
}

// encodeScenarioCursor makes the opaque cursor that continues after a scenario: microseconds, as exact as
// the database tells time, and the ID.
func encodeScenarioCursor(key yizhan.ScenarioKey) string {
	packed := binary.BigEndian.AppendUint64(nil, uint64(key.CreatedAt.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(packed, key.ID...))
}

func decodeScenarioCursor(cursor string) (yizhan.ScenarioKey, error) {
	packed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(packed) < 8 || !yizhan.IsScenarioID(string(packed[8:])) {
		return yizhan.ScenarioKey{}, invalidParameter("query.after", "is not a cursor from a next link")
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(packed))).UTC()
	if year := at.Year(); year < firstYear || year > lastYear {
		return yizhan.ScenarioKey{}, invalidParameter("query.after", "is not a cursor from a next link")
	}
	return yizhan.ScenarioKey{CreatedAt: at, ID: string(packed[8:])}, nil
}
