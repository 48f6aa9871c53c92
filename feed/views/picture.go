package views

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// History knows the city as it was.
type History interface {
	CityAt(ctx context.Context, seq int64) (*yizhan.City, error)
}

// Picture is one immutable state that answers: the city as of one change, perhaps under a scenario. It is
// safe for concurrent use, and the same question gives the same answer.
type Picture struct{ seq int64 }

var errNotBuilt = yizhan.Errorf(yizhan.CodeUnavailable, "", "the coverage is still being built")

// Picture gives the present state; CodeUnavailable while there is none yet.
func (v *Coverage) Picture() (*Picture, error) { return nil, errNotBuilt }

// PictureOf lays a scenario over the city as of its Seq.
func (v *Coverage) PictureOf(ctx context.Context, s *yizhan.Scenario) (*Picture, error) {
	return nil, errNotBuilt
}

// Seq is the change that the picture is as of.
func (p *Picture) Seq() int64 { return p.seq }

// Scenario is the scenario that lies over the city; nil for none.
func (p *Picture) Scenario() *ScenarioName { return nil }

// Resolution is that of the finest cells for a question.
func (p *Picture) Resolution(q Question) int { return DemandResolution }

// Figures answers for a unit, by its code, and those right below it; empty for the city.
func (p *Picture) Figures(q Question, unit string) (Figures, error) { return Figures{}, errNotBuilt }

// Ranking lists the units of a level within a unit, empty for the city, in the order of need.
func (p *Picture) Ranking(q Question, level yizhan.Level, within string) ([]UnitFigures, error) {
	return nil, errNotBuilt
}

// Served tells how many households of a unit, and of those right below it, there are seats for.
func (p *Picture) Served(q Question, unit string, householdsASeat int) (ServedFigures, error) {
	return ServedFigures{}, errNotBuilt
}

// Hours tells what is covered in each hour of the week.
func (p *Picture) Hours(q Question, unit string) (Hours, error) { return Hours{}, errNotBuilt }

// Cells gives the cells of an H3 resolution that have households and touch the box, and perhaps some just
// outside it. More than MaxCells are CodeTooLarge.
func (p *Picture) Cells(q Question, bbox orb.Bound, resolution int) ([]Cell, error) {
	return nil, errNotBuilt
}

// OutlinedCells is Cells, with what it takes to draw them.
func (p *Picture) OutlinedCells(q Question, bbox orb.Bound, resolution int) ([]OutlinedCell, error) {
	return nil, errNotBuilt
}

// Gaps lists the gaps that touch a unit, at most limit of them.
func (p *Picture) Gaps(q Question, unit string, limit int) (GapList, error) {
	return GapList{}, errNotBuilt
}

// Explain tells how a figure comes about.
func (p *Picture) Explain(q Question, at Place) (Explanation, error) {
	return Explanation{}, errNotBuilt
}

// Difference compares the picture with another one.
func (p *Picture) Difference(q Question, base *Picture, unit string) (Difference, error) {
	return Difference{}, errNotBuilt
}

// Compare puts pictures side by side.
func Compare(q Question, unit string, pictures []*Picture) (Comparison, error) {
	return Comparison{}, errNotBuilt
}

// Site finds places for stations. When ctx ends, the best so far is the answer, and Stopped.
func (p *Picture) Site(ctx context.Context, s SitingQuestion, progress func(SitingProgress)) (SitingAnswer, error) {
	return SitingAnswer{}, errNotBuilt
}
