package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// Bounds of a what-if that stands in an address. One that is larger has to be saved.
const (
	maxWhatIfBytes = 8_000
	maxWhatIfEdits = 100
)

const whatIfPattern = `^[A-Za-z0-9_-]+$`

// whatIf is what the parameter of the same name says.
type whatIf struct {
	Seq   *int64             `json:"seq"`
	Edits []ScenarioEditPart `json:"edits"`
}

// ReadWhatIf reads a scenario that nobody saved from where a request carries it: {"seq": …, "edits": […]} as
// base64url without padding. Its Seq is -1 where none is given: it lies over the city as it is.
func ReadWhatIf(text string) (*yizhan.Scenario, error) {
	if len(text) > maxWhatIfBytes {
		return nil, yizhan.Invalid("what_if", "has %d bytes; %d are allowed. A scenario that is saved may have more", len(text), maxWhatIfBytes)
	}
	packed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	var body whatIf
	if err == nil {
		err = json.Unmarshal(packed, &body)
	}
	switch {
	case err != nil:
		return nil, yizhan.Invalid("what_if", `is not {"seq": …, "edits": […]} as JSON in base64url without padding`)
	case len(body.Edits) > maxWhatIfEdits:
		return nil, yizhan.Invalid("what_if", "has %d edits; %d are allowed. A scenario that is saved may have more", len(body.Edits), maxWhatIfEdits)
	}
	scenario := &yizhan.Scenario{Name: "what-if", Seq: -1}
	if body.Seq != nil {
		if scenario.Seq = *body.Seq; scenario.Seq < 0 {
			return nil, yizhan.Invalid("what_if", "has a negative seq")
		}
	}
	if scenario.Edits, err = editsOf(body.Edits); err != nil {
		return nil, inWhatIf(err)
	}
	scenario.NameNewStations()
	return scenario, nil
}

// inWhatIf makes an error about an edit one about the parameter, which says which edit.
func inWhatIf(err error) error {
	return yizhan.Invalid("what_if", "%s", err)
}

// whatIfParam describes the parameter.
func whatIfParam() *huma.Param {
	return &huma.Param{Name: "what_if", Description: fmt.Sprintf("The city under a scenario that is not saved: `{\"seq\": …, \"edits\": […]}`, as a scenario has them, as JSON in base64url without padding, "+
		"at most %d edits and %d bytes. Without seq it lies over the city as it is. Not together with scenario", maxWhatIfEdits, maxWhatIfBytes),
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: whatIfPattern, PatternDescription: "edits of a scenario as JSON in base64url"}}
}

// draft reads the parameter what_if; nil for none.
func (q question) draft(in ScenarioInput) (*yizhan.Scenario, error) {
	if in.WhatIf == "" {
		return nil, nil
	}
	if in.Scenario != "" {
		return nil, q.fault("what_if", "goes without scenario: it is one by itself")
	}
	draft, err := ReadWhatIf(in.WhatIf)
	return draft, q.locate(err)
}

// pictureOfDraft is the city under a scenario that nobody saved.
func (s *Server) pictureOfDraft(ctx context.Context, draft *yizhan.Scenario, location string) (Picture, error) {
	if err := s.settleDraft(draft); err != nil {
		return nil, err
	}
	return s.pictureUnder(ctx, draft, location)
}

// settleDraft lays a scenario that says no seq over the city that answers are about now.
func (s *Server) settleDraft(draft *yizhan.Scenario) error {
	if draft.Seq >= 0 {
		return nil
	}
	now, err := s.options.Coverage.Picture()
	if err != nil {
		return err
	}
	basis, err := now.Basis(views.Question{})
	draft.Seq = basis.Seq
	return err
}
