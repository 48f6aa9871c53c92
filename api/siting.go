package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// sitingJob is the kind of its jobs.
const sitingJob = "siting"

func (s *Server) routeSiting() {
	s.schema(reflect.TypeFor[SitingReport]()) // of the result of the job
	operationWithBody[asked, SitingBody, JobReport](s, huma.Operation{
		Method: http.MethodPost, DefaultStatus: http.StatusAccepted,
		OperationID: "site-stations", Path: "/api/siting", Tags: []string{"Siting"}, Summary: "Where to place more stations",
		Description: "The answer is a job (see Jobs); its result is a SitingReport: sites in order with what each adds, and how much better any answer could be. " +
			"`mclp` covers the most with p stations, `second_cover` gives a second station to the most households that have one, `lscp` takes the fewest stations for a share of the households. " +
			"The same question asked again, of the same data, is the same job, and gets the same bytes.",
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound},
		Responses: map[string]*huma.Response{"202": {Description: "The job that computes the answer", Headers: map[string]*huma.Param{
			"Location": {Description: "The address of the job", Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, s.siteStations)
}

// sitingAsked is a question of siting with all that its answer depends on; its JSON is the key of the job.
type sitingAsked struct {
	Question views.SitingQuestion
	Seq      int64
	Scenario string
	Version  int64
	WhatIf   string
	Weight   views.WeightKey // none for households
}

func (s *Server) siteStations(ctx context.Context, in *asked, body *SitingBody) (*reply, error) {
	if err := s.nameSuggestions(ctx, in, body); err != nil {
		return nil, err
	}
	q, err := s.sitingQuestion(body)
	if err != nil {
		return nil, err
	}
	place := question{place: "body", scenario: valueOf(body.Scenario)}
	if place.unsaved, err = place.draft(ScenarioInput{place.scenario, body.WhatIf}); err != nil {
		return nil, err
	}
	if place.weight, err = place.weightOf(WeightInput{*in, body.Weight, body.WeightDate}); err != nil {
		return nil, err
	}
	picture, err := s.picture(ctx, place)
	if err != nil {
		return nil, err
	}
	basis, err := picture.Basis(q.Question)
	if err != nil {
		return nil, place.locate(err)
	}
	if err := picture.CheckSites(q); err != nil {
		return nil, place.locate(err)
	}
	key := sitingAsked{Question: q, Seq: basis.Seq, WhatIf: body.WhatIf}
	key.Question.Question = basis.Model.Question // with the usual values where nothing was said
	if len(q.Points) == 0 {
		key.Question.Candidates = views.CandidateCells
	}
	if basis.Counted != nil {
		key.Weight = basis.Counted.WeightKey
	}
	if basis.Scenario != nil {
		key.Scenario, key.Version = basis.Scenario.ID, basis.Scenario.Version
	}
	text, err := json.Marshal(key)
	if err != nil {
		return nil, fmt.Errorf("name a question of siting: %w", err)
	}
	job, err := s.jobs.Submit(sitingJob, string(text), s.sitingWork(picture, q))
	if err != nil {
		return nil, err
	}
	answer, err := jobReply(job, true)
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusAccepted
	answer.headers = map[string]string{fiber.HeaderLocation: "/api/jobs/" + job.ID}
	return answer, nil
}

// sitingWork is what the job does. When it is cancelled, nobody sees what it found so far; when it takes too
// long, that is the answer, which says so.
func (s *Server) sitingWork(picture Picture, q views.SitingQuestion) Work {
	return func(ctx context.Context, progress func(Progress)) ([]byte, error) {
		answer, err := picture.Site(ctx, q, func(p views.SitingProgress) { progress(sitingProgressOf(p)) })
		if err == nil && answer.Stopped && errors.Is(ctx.Err(), context.Canceled) {
			err = ctx.Err()
		}
		if err != nil {
			return nil, (question{place: "body"}).locate(err)
		}
		result, err := jsonReply(sitingReportOf(&answer))
		if err != nil {
			return nil, err
		}
		return result.body, nil
	}
}

// usualWish is how many households a rider who asked for a station counts for, where the question does not say.
const usualWish = 10

// nameSuggestions makes places of what riders wished for, if those are the candidates. Where they wished for it is
// for staff.
func (s *Server) nameSuggestions(ctx context.Context, in *asked, body *SitingBody) error {
	if body.Candidates.cells != candidateSuggestions {
		if body.Wish != nil {
			return invalidParameter("body.wish", "goes with the candidates suggestions only")
		}
		return nil
	}
	if body.Wish == nil && body.Weight != "" && body.Weight != weightHouseholds {
		return invalidParameter("body.wish", "is needed with this weight: say for how much of what it counts each rider who asked counts; that is no number of households")
	}
	if err := s.may(in.c, yizhan.ActReadReports, body.Unit); err != nil {
		return err
	}
	keeper, err := s.reporting()
	if err != nil {
		return err
	}
	asker, err := s.authenticate(in.c)
	if err != nil {
		return err
	}
	wished, err := keeper.Suggestions(ctx, asker, body.Unit)
	if err != nil {
		return err
	}
	if len(wished) == 0 {
		return invalidParameter("body.candidates", "has no suggestions that were taken up there")
	}
	wish := int64(usualWish)
	if body.Wish != nil {
		wish = *body.Wish
	}
	body.Candidates = SitingCandidates{isList: true}
	for _, r := range wished {
		body.Candidates.points = append(body.Candidates.points, SitingPlace{Location: Position(r.Location), Name: fmt.Sprintf("reports/%d", r.ID), Weight: wish * int64(r.Weight)})
	}
	return nil
}

// sitingProgressOf leaves out what is not known yet.
func sitingProgressOf(p views.SitingProgress) Progress {
	known := func(x int64) *float64 {
		if x == 0 {
			return nil
		}
		value := float64(x)
		return &value
	}
	return Progress{Stage: p.Stage, Done: int64(p.Done), Total: int64(p.Total), Incumbent: known(p.Objective), Bound: known(p.Bound)}
}

// sitingQuestion reads the body.
func (s *Server) sitingQuestion(b *SitingBody) (views.SitingQuestion, error) {
	q := question{place: "body", Question: views.Question{Mode: b.Mode, RadiusM: valueOf(b.RadiusM), Minutes: valueOf(b.Minutes), Rule: b.Rule, Week: b.Week, Profile: b.Profile}}
	site := views.SitingQuestion{Model: cmp.Or(b.Model, views.MCLP), P: valueOf(b.P), Share: valueOf(b.Share), Budget: valueOf(b.Budget), Cost: valueOf(b.Cost), Unit: b.Unit, Effort: b.Effort}
	for _, given := range []struct {
		name string
		zero bool
	}{
		{"p", b.P != nil && *b.P == 0}, {"share", b.Share != nil && *b.Share == 0}, {"budget", b.Budget != nil && *b.Budget == 0},
		{"radius_m", b.RadiusM != nil && *b.RadiusM == 0}, {"minutes", b.Minutes != nil && *b.Minutes == 0},
	} {
		if given.zero {
			return site, q.fault(given.name, "is 0; leave it out, or give more")
		}
	}
	var err error
	if q.Services, err = views.ParseServices(joinNames(b.Services)); err != nil {
		return site, q.locate(err)
	}
	if q, err = q.finish(s.now(), b.At, b.Quarter, b.TemperatureC); err != nil {
		return site, err
	}
	site.Question = q.Question
	for _, floor := range b.Floors {
		site.Floors = append(site.Floors, views.Floor(floor))
	}
	site.Candidates = b.Candidates.cells
	for _, point := range b.Candidates.points {
		site.Points = append(site.Points, point.point())
	}
	if b.Candidates.isList && len(site.Points) == 0 {
		return site, q.fault("candidates", "is an empty list: there is no place to choose")
	}
	if city := s.cityBound(); city != nil {
		for i, point := range site.Points {
			if !city.Contains(point.At) {
				return site, q.fault(fmt.Sprintf("candidates[%d].location", i), "is outside of the city; the order is lng, lat")
			}
		}
	}
	if b.Excluded != nil {
		site.ExcludedUnits, site.ExcludedCells = b.Excluded.Units, b.Excluded.Cells
	}
	return site, q.locate(site.Validate())
}

func joinNames(services []yizhan.Service) string {
	text := ""
	for i, service := range services {
		if i > 0 {
			text += ","
		}
		text += string(service)
	}
	return text
}
