package api

import (
	"context"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
)

// Coverage gives pictures of how many households are within reach of stations; CoverageOf makes one.
type Coverage interface {
	// Weight gives a weight, loaded if need be, and keeps it for a while: for tiles, too.
	Weight(key views.WeightKey, load func() (*views.Weight, error)) (*views.Weight, error)
	// Picture is the city as it is.
	Picture() (Picture, error)
	// PictureOf is the city under a scenario.
	PictureOf(ctx context.Context, scenario *yizhan.Scenario) (Picture, error)
	// Compare puts pictures of this Coverage side by side.
	Compare(q views.Question, unit string, pictures []Picture) (views.Comparison, error)
	// Trend is how a picture of this Coverage came about, over so many days before now.
	Trend(ctx context.Context, picture Picture, ask views.TrendAsk) (views.Trend, error)
}

// Picture is one immutable state that answers: the same question gets the same answer.
type Picture interface {
	// Weighed is the picture that counts something else than households.
	Weighed(w *views.Weight) (Picture, error)
	// Basis is what answers to a question rest on.
	Basis(q views.Question) (views.Basis, error)
	Figures(q views.Question, unit string) (views.Figures, error)
	Ranking(q views.Question, level yizhan.Level, within string) ([]views.UnitFigures, error)
	Served(q views.Question, unit string, householdsASeat int) (views.ServedFigures, error)
	Hours(q views.Question, unit string) (views.Hours, error)
	Cells(q views.Question, bbox orb.Bound, resolution int) ([]views.Cell, error)
	Gaps(q views.Question, unit string, limit int) (views.GapList, error)
	// SketchGaps is Gaps without what takes long.
	SketchGaps(q views.Question, unit string, limit int) (views.GapList, error)
	Explain(q views.Question, at views.Place) (views.Explanation, error)
	// CheckSites tells what Site would refuse.
	CheckSites(q views.SitingQuestion) error
	Site(ctx context.Context, q views.SitingQuestion, progress func(views.SitingProgress)) (views.SitingAnswer, error)
	// Difference is from a base, a picture of the same Coverage, to this one.
	Difference(q views.Question, base Picture, unit string) (views.Difference, error)
}

// CoverageOf makes the view answer.
func CoverageOf(view *views.Coverage) Coverage { return coverageView{view} }

type coverageView struct{ view *views.Coverage }

type viewPicture struct{ *views.Picture }

func (v coverageView) Picture() (Picture, error) { return drawn(v.view.Picture()) }

func (v coverageView) PictureOf(ctx context.Context, scenario *yizhan.Scenario) (Picture, error) {
	return drawn(v.view.PictureOf(ctx, scenario))
}

func (v coverageView) Weight(key views.WeightKey, load func() (*views.Weight, error)) (*views.Weight, error) {
	return v.view.KeepWeight(key, load)
}

func (p viewPicture) Weighed(w *views.Weight) (Picture, error) { return drawn(p.Picture.Weighed(w)) }

func drawn(picture *views.Picture, err error) (Picture, error) {
	if err != nil {
		return nil, err
	}
	return viewPicture{picture}, nil
}

func (v coverageView) Compare(q views.Question, unit string, pictures []Picture) (views.Comparison, error) {
	inner := make([]*views.Picture, len(pictures))
	for i := range pictures {
		inner[i] = pictures[i].(viewPicture).Picture
	}
	return views.Compare(q, unit, inner)
}

func (v coverageView) Trend(ctx context.Context, picture Picture, ask views.TrendAsk) (views.Trend, error) {
	return v.view.Trend(ctx, picture.(viewPicture).Picture, ask)
}

func (p viewPicture) Difference(q views.Question, base Picture, unit string) (views.Difference, error) {
	return p.Picture.Difference(q, base.(viewPicture).Picture, unit)
}
