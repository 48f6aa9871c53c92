package main

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/api"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
)

// coverageTiles lets the pyramid draw the coverage view; the two do not know each other.
type coverageTiles struct {
	view      *views.Coverage
	scenarios scenarioFinder // nil: tiles show the city as it is only
}

// scenarioFinder knows the scenarios that were saved.
type scenarioFinder interface {
	FindScenario(ctx context.Context, id string) (*yizhan.Scenario, error)
}

func (c coverageTiles) Seq() int64 { return c.view.Seq() }

func (c coverageTiles) Cells(ctx context.Context, p tiles.Params, bbox [4]float64, resolution int) ([]tiles.Cell, error) {
	picture, q, err := c.asked(ctx, p)
	if err != nil {
		return nil, err
	}
	found, err := picture.OutlinedCells(q, boundOf(bbox), min(resolution, picture.Resolution(q)))
	if err != nil {
		return nil, err
	}
	cells := make([]tiles.Cell, len(found))
	for i, cell := range found {
		cells[i] = tiles.Cell{Index: uint64(cell.Cell.Cell), Boundary: cell.Outline, Households: int(cell.Households),
			Covered: int(cell.Covered), Possible: int(cell.Possible)}
	}
	return cells, nil
}

func (c coverageTiles) Gaps(ctx context.Context, p tiles.Params, bbox [4]float64, minCells int) ([]tiles.Gap, error) {
	picture, q, err := c.asked(ctx, p)
	if err != nil {
		return nil, err
	}
	found, err := picture.OutlinedGaps(q, boundOf(bbox), minCells)
	if err != nil {
		return nil, err
	}
	gaps := make([]tiles.Gap, len(found))
	for i, gap := range found {
		gaps[i] = tiles.Gap{ID: gap.ID, Households: int(gap.Households), Cells: gap.Cells, Reason: string(gap.Reason), Outline: gap.Outline}
	}
	return gaps, nil
}

// asked is what a tile is about.
func (c coverageTiles) asked(ctx context.Context, p tiles.Params) (*views.Picture, views.Question, error) {
	q := views.Question{Mode: p.Mode, RadiusM: p.RadiusM, Minutes: p.Minutes, Services: p.Services, Rule: p.Rule,
		Quarter: p.Quarter, Week: p.Week, Profile: p.Profile, Cold: p.Cold, Celsius: p.Celsius}
	if err := q.Validate(); err != nil {
		return nil, q, err
	}
	picture, err := c.picture(ctx, p)
	if err == nil && p.Weight != "" {
		picture, err = c.weighed(picture, p.Weight)
	}
	return picture, q, err
}

// weighed is a picture in terms of a weight, which the API has loaded: it knows who may see it.
func (c coverageTiles) weighed(picture *views.Picture, name string) (*views.Picture, error) {
	key, err := api.ReadWeightName(name)
	if err != nil {
		return nil, yizhan.Invalid("weight", "%q names none", name)
	}
	weight, kept := c.view.KeptWeight(key)
	if !kept {
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the weight is not at hand any more; ask again")
	}
	return picture.Weighed(weight)
}

func (c coverageTiles) picture(ctx context.Context, p tiles.Params) (*views.Picture, error) {
	if p.WhatIf != "" {
		return c.draft(ctx, p.WhatIf)
	}
	if p.Scenario == "" {
		return c.view.Picture()
	}
	if drawn, ok := c.view.Drawn(p.Scenario, p.ScenarioVersion); ok {
		return drawn, nil
	}
	if c.scenarios == nil {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "scenario", "there are no scenarios here")
	}
	scenario, err := c.scenarios.FindScenario(ctx, p.Scenario)
	if err != nil {
		return nil, err
	}
	if scenario.Version != p.ScenarioVersion {
		return nil, yizhan.Errorf(yizhan.CodeNotFound, "scenario_version", "the scenario is at version %d", scenario.Version)
	}
	return c.view.PictureOf(ctx, scenario)
}

// draft is the city under a scenario that is not saved.
func (c coverageTiles) draft(ctx context.Context, whatIf string) (*views.Picture, error) {
	scenario, err := api.ReadWhatIf(whatIf)
	if err != nil {
		return nil, err
	}
	if scenario.Seq < 0 {
		now, err := c.view.Picture()
		if err != nil {
			return nil, err
		}
		scenario.Seq = now.Seq()
	}
	return c.view.PictureOf(ctx, scenario)
}

func boundOf(bbox [4]float64) orb.Bound {
	return orb.Bound{Min: orb.Point{bbox[0], bbox[1]}, Max: orb.Point{bbox[2], bbox[3]}}
}

func (c coverageTiles) Touched(ctx context.Context, after, seq int64) ([][4]float64, bool) {
	bounds, known := c.view.Touched(ctx, after, seq)
	boxes := make([][4]float64, len(bounds))
	for i, b := range bounds {
		boxes[i] = [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	return boxes, known
}
