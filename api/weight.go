package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/geo/memo"
)

// This file lets a question count something else than households: an indicator, for who may see it.

// WeightInput says what demand is counted in.
type WeightInput struct {
	asked
	Weight     string `query:"weight"`
	WeightDate string `query:"weight_date"`
}

// weightHouseholds is the usual weight.
const weightHouseholds = "households"

const weightPattern = `^(households|[a-z2-7]{16})$`

// weightParams describe the parameters.
func weightParams() []*huma.Param {
	return []*huma.Param{
		{Name: "weight", Description: "What is counted: households, or the id of an indicator of whole counts, such as orders or riders. Each unit counts exactly its figure, in places as its households are; units without a figure count nothing. " +
			"All figures called households are then of that, as `weight` of the answer says. Who may not see the indicator gets a 404",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: weightPattern, PatternDescription: "households, or the id of an indicator", Default: weightHouseholds}},
		{Name: "weight_date", Description: "Of an indicator: of which of its dates; the latest without it",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: datePattern, PatternDescription: "a date such as 2026-06-30"}},
	}
}

// weightAsked is what a request says of the weight; nil for households.
type weightAsked struct {
	c    *fiber.Ctx // who asks
	id   string
	date string
}

// weightOf reads the parameters.
func (q question) weightOf(in WeightInput) (*weightAsked, error) {
	if in.Weight == "" || in.Weight == weightHouseholds {
		if in.WeightDate != "" {
			return nil, q.fault("weight_date", "goes with the weight of an indicator: households are those of now")
		}
		return nil, nil
	}
	if !yizhan.IsLayerID(in.Weight) {
		return nil, q.fault("weight", "is neither households nor the id of an indicator")
	}
	if in.WeightDate != "" {
		if _, err := time.Parse(time.DateOnly, in.WeightDate); err != nil {
			return nil, q.fault("weight_date", "is not a date such as 2026-06-30")
		}
	}
	return &weightAsked{in.c, in.Weight, in.WeightDate}, nil
}

// weigh is a picture that counts what a question asks for.
func (s *Server) weigh(ctx context.Context, q question, picture Picture) (Picture, error) {
	if q.weight == nil {
		return picture, nil
	}
	w, err := s.findWeight(ctx, q)
	if err != nil {
		return nil, err
	}
	weighed, err := picture.Weighed(w)
	return weighed, q.locate(err)
}

// indicatorKey names a version of an indicator, which never changes.
type indicatorKey struct {
	id      string
	version int64
}

// maxIndicators bounds the indicators whose heads are kept.
const maxIndicators = 64

// errOutdated tells that an indicator was changed while it was read.
var errOutdated = errors.New("the indicator is being changed")

// findWeight finds the weight of a question, if who asks may see it. Only that and the version are looked up each
// time; what hangs from a version is kept.
func (s *Server) findWeight(ctx context.Context, q question) (*views.Weight, error) {
	kept, by, err := s.layers(q.weight.c)
	if err != nil {
		return nil, err
	}
	q.weight.c.Locals(localOfAsker, true)
	for range 3 {
		version, err := kept.IndicatorVersion(ctx, by, q.weight.id)
		if err != nil {
			return nil, fmt.Errorf("find a weight: %w", err)
		}
		w, err := s.weightAt(ctx, kept, by, q, indicatorKey{q.weight.id, version})
		if !errors.Is(err, errOutdated) {
			return w, err
		}
	}
	return nil, unavailable("the indicator is being changed; ask again in a moment", nil)
}

func (s *Server) weightAt(ctx context.Context, kept Layers, by *yizhan.Principal, q question, key indicatorKey) (*views.Weight, error) {
	indicator, err := s.indicators.Get(key, func() (*yizhan.Indicator, error) {
		found, err := kept.FindIndicator(ctx, by, key.id)
		if err == nil && found.Version != key.version {
			err = errOutdated
		}
		return found, err
	})
	if err != nil {
		return nil, err
	}
	head, err := q.releaseOf(indicator)
	if err != nil {
		return nil, err
	}
	named := views.WeightKey{ID: key.id, Version: key.version, Date: head.Date.Format(time.DateOnly)}
	w, err := s.options.Coverage.Weight(named, func() (*views.Weight, error) {
		i, release, err := kept.Figures(ctx, by, key.id, head.Date)
		switch {
		case err != nil:
			return nil, err
		case i.Version != key.version:
			return nil, errOutdated
		}
		return views.WeightOf(i, release)
	})
	return w, q.locate(err)
}

// releaseOf is the table that a question counts, if it can be counted.
func (q question) releaseOf(i *yizhan.Indicator) (*yizhan.ReleaseHead, error) {
	for n := range i.Releases {
		head := &i.Releases[n]
		if q.weight.date == "" || head.Date.Format(time.DateOnly) == q.weight.date {
			return head, q.locate(i.CanWeigh(head))
		}
	}
	return nil, notFound("the indicator has no figures of %s", q.weight.date)
}

// newIndicatorMemo keeps heads of indicators.
func newIndicatorMemo() *memo.Memo[indicatorKey, *yizhan.Indicator] {
	return &memo.Memo[indicatorKey, *yizhan.Indicator]{Limit: maxIndicators}
}

// keepPrivate keeps shared caches from handing an answer to somebody who may not have it.
func keepPrivate(header *fasthttp.ResponseHeader) {
	header.Set(fiber.HeaderCacheControl, "private, no-cache")
	header.Set(fiber.HeaderVary, "Cookie, Authorization")
}

// WeightReport says what the figures of an answer count.
type WeightReport struct {
	ID        string        `json:"id" doc:"households, or the id of the indicator that all figures and gains of this answer count, those called households too" example:"households"`
	Title     string        `json:"title" example:"户数"`
	Measure   string        `json:"measure" doc:"The unit of measurement; may be empty" example:"户"`
	Level     *yizhan.Level `json:"level" doc:"Of the units that have figures: in smaller ones they are shared out as households are; null for households"`
	Date      *string       `json:"date" format:"date" doc:"As of when the figures are; null for households"`
	Source    *string       `json:"source" doc:"Where they come from; null for households"`
	Version   *int64        `json:"version" doc:"Of the indicator; null for households"`
	Synthetic bool          `json:"synthetic" doc:"Made for the demo"`
	Sum       *int64        `json:"sum" doc:"Of all its figures: placed and unplaced; null for households"`
	Placed    *int64        `json:"placed" doc:"In units that have households: what the city counts; null for households"`

	Unplaced      maybe[WeightUnplaced] `json:"unplaced" doc:"Units with a figure above 0 that have no households, or are no more: counted nowhere; null for households"`
	WithoutFigure maybe[WeightWithout]  `json:"without_figure" doc:"Units of the level without a figure: they count 0; null for households"`
}

// WeightUnplaced are figures that nothing counts.
type WeightUnplaced struct {
	Units int   `json:"units"`
	Sum   int64 `json:"sum"`
}

// WeightWithout is where there is no figure.
type WeightWithout struct {
	Units      int   `json:"units" doc:"That have households"`
	Households int64 `json:"households" doc:"That lie in no unit with a figure. These are households"`
}

func weightReportOf(c *views.Counted) WeightReport {
	if c == nil {
		return WeightReport{ID: weightHouseholds, Title: "户数", Measure: inHouseholds}
	}
	unplaced, without := WeightUnplaced(c.Unplaced), WeightWithout(c.Without)
	return WeightReport{ID: c.ID, Title: c.Title, Measure: c.Measure, Level: &c.Level, Date: &c.Date, Source: &c.Source, Version: &c.Version, Synthetic: c.Synthetic,
		Sum: &c.Sum, Placed: &c.Placed, Unplaced: maybe[WeightUnplaced]{&unplaced}, WithoutFigure: maybe[WeightWithout]{&without}}
}

// demandText says what is counted, and where it is thought to be.
func demandText(c *views.Counted) string {
	if c == nil {
		return "households of micro-grids, spread over H3 cells by area, in whole households"
	}
	return fmt.Sprintf("%s (%s) by %s as of %s, in whole numbers, in each %s shared out over H3 cells as its households are; not households",
		c.Title, strings.TrimSpace(c.Measure), c.Level, c.Date, c.Level)
}

// weightName names a weight in the parameters of tiles.
func weightName(key views.WeightKey) string {
	return key.ID + "@" + strconv.FormatInt(key.Version, 10) + "/" + key.Date
}

// ReadWeightName reads what tiles.Params.Weight says.
func ReadWeightName(name string) (key views.WeightKey, err error) {
	id, rest, _ := strings.Cut(name, "@")
	version, date, _ := strings.Cut(rest, "/")
	key.ID, key.Date = id, date
	key.Version, err = strconv.ParseInt(version, 10, 64)
	return key, err
}
