package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
)

const indicatorsPath = "/api/indicators"

type releaseInput struct {
	LayerEditInput
	Date string `path:"date" doc:"Of the figures" maxLength:"10" example:"2026-06-30"`
}

type valuesInput struct {
	LayerInput
	Date       string `query:"date" doc:"Of the figures; the latest without it" maxLength:"10" example:"2026-06-30"`
	Format     string `query:"format"`
	ToleranceM int    `query:"tolerance_m" doc:"With format=geojson: how far an outline may be off, to be smaller. Neighbours may then not meet exactly" minimum:"0" maximum:"5000" default:"0"`
}

func (s *Server) routeIndicators() {
	const tag = "Indicators"
	one := indicatorsPath + "/{id}"
	operation[asked, IndicatorListReport](s, layerOp(http.MethodGet, "list-indicators", indicatorsPath, tag, "Indicators",
		"By name, with the dates of their figures. Guests see those that are public."), s.listIndicators)
	create := layerOp(http.MethodPost, "create-indicator", indicatorsPath, tag, "Add an indicator",
		"Figures about units of one level, as of a date: of people that may edit layers in its unit. Only a count is ever summed. POST /api/indicators/read makes the values of a CSV or XLSX file.")
	create.DefaultStatus = http.StatusCreated
	operationWithBody[asked, IndicatorBody, IndicatorReport](s, create, s.createIndicator)
	operation[LayerInput, IndicatorReport](s, notFoundToo(layerOp(http.MethodGet, "get-indicator", one, tag, "An indicator",
		"The `ETag` is its version: an edit sends it back as If-Match.")), s.indicator)
	operationWithBody[LayerEditInput, IndicatorHeadBody, IndicatorReport](s, edits(layerOp(http.MethodPut, "replace-indicator", one, tag, "Rename an indicator, or show it to others",
		"Figures, kind and level stay.")), s.replaceIndicator)
	gone := edits(layerOp(http.MethodDelete, "delete-indicator", one, tag, "Delete an indicator", "With all its figures."))
	gone.DefaultStatus, gone.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "It is gone"}}
	operation[LayerEditInput, struct{}](s, gone, s.deleteIndicator)
	operationWithBody[releaseInput, ReleaseBody, IndicatorReport](s, edits(layerOp(http.MethodPut, "put-indicator-date", one+"/dates/{date}", tag, "Add figures of another date",
		"Those of other dates stay; those of the same date are replaced.")), s.putRelease)
	operation[releaseInput, IndicatorReport](s, edits(layerOp(http.MethodDelete, "delete-indicator-date", one+"/dates/{date}", tag, "Delete the figures of a date",
		"The last ones go with the indicator only.")), s.deleteRelease)
	values := notFoundToo(layerOp(http.MethodGet, "get-indicator-values", one+"/values", tag, "Figures of a date",
		"Of each unit, by code, with the units that have none. As GeoJSON with outlines, or as a table to take away, with `format`."))
	values.Parameters = []*huma.Param{formatParam(formatGeoJSON)}
	values.Middlewares = huma.Middlewares{s.exporters}
	values.Errors = append(values.Errors, signedIn...)
	values.Responses = map[string]*huma.Response{"200": {Description: "The figures", Headers: map[string]*huma.Param{},
		Content: map[string]*huma.MediaType{geoJSONType: {Schema: s.schema(reflect.TypeFor[ValueCollection]())}}}}
	addExports(values.Responses)
	operation[valuesInput, ValuesReport](s, values, s.values)
}

func notFoundToo(op huma.Operation) huma.Operation {
	op.Errors = append(op.Errors, http.StatusNotFound)
	return op
}

func (s *Server) listIndicators(ctx context.Context, in *asked) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	list, err := kept.ListIndicators(ctx, by)
	if err != nil {
		return nil, fmt.Errorf("list indicators: %w", err)
	}
	report := IndicatorListReport{Indicators: []IndicatorReport{}, MayAdd: unitsOrNone(by.Where(yizhan.ActEditLayers))}
	for i := range list {
		report.Indicators = append(report.Indicators, reportIndicator(&list[i], by))
	}
	return ofAsker(report, 0)
}

func unitsOrNone(units []string) []string { return append([]string{}, units...) }

func (s *Server) createIndicator(ctx context.Context, in *asked, body *IndicatorBody) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	if err := s.may(in.c, yizhan.ActEditLayers, body.Unit); err != nil {
		return nil, err
	}
	release, err := body.release(body.Date)
	if err != nil {
		return nil, inBody(err)
	}
	i := yizhan.Indicator{LayerHead: body.head(), Kind: body.Kind, Level: body.Level, Measure: body.Measure}
	i.Unit = body.Unit
	created, err := kept.CreateIndicator(ctx, by, i, release)
	if err != nil {
		return nil, fmt.Errorf("create an indicator: %w", inBody(err))
	}
	answer, err := indicatorReply(created, by)
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	answer.headers[fiber.HeaderLocation] = indicatorsPath + "/" + created.ID
	return answer, nil
}

func indicatorReply(i *yizhan.Indicator, by *yizhan.Principal) (*reply, error) {
	return ofAsker(reportIndicator(i, by), i.Version)
}

func (s *Server) indicator(ctx context.Context, in *LayerInput) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	found, err := kept.FindIndicator(ctx, by, in.ID)
	if err != nil {
		return nil, fmt.Errorf("find an indicator: %w", err)
	}
	return indicatorReply(found, by)
}

// indicatorToEdit finds an indicator, and the version that an edit is based on.
func (s *Server) indicatorToEdit(ctx context.Context, in *LayerEditInput) (kept Layers, by *yizhan.Principal, found *yizhan.Indicator, err error) {
	kept, by, err = s.layers(in.c)
	if err != nil {
		return nil, nil, nil, err
	}
	found, err = kept.FindIndicator(ctx, by, in.ID)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("find an indicator: %w", err)
	}
	if err := s.may(in.c, yizhan.ActEditLayers, found.Unit); err != nil {
		return nil, nil, nil, err
	}
	found.Version, err = anyVersion(in.IfMatch, func() (int64, error) { return found.Version, nil })
	return kept, by, found, err
}

// otherIndicator makes of a conflict of versions the problem that tells which one is there now.
func otherIndicator(ctx context.Context, kept Layers, by *yizhan.Principal, id string, err error) error {
	return otherVersion(err, func() (int64, error) {
		found, err := kept.FindIndicator(ctx, by, id)
		if err != nil {
			return 0, err
		}
		return found.Version, nil
	})
}

func (s *Server) replaceIndicator(ctx context.Context, in *LayerEditInput, body *IndicatorHeadBody) (*reply, error) {
	kept, by, found, err := s.indicatorToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	found.Name, found.Note, found.Public, found.Measure = body.Name, body.Note, body.Public, body.Measure
	replaced, err := kept.ReplaceIndicator(ctx, by, *found)
	if err != nil {
		return nil, fmt.Errorf("replace an indicator: %w", inBody(otherIndicator(ctx, kept, by, in.ID, err)))
	}
	return indicatorReply(replaced, by)
}

func (s *Server) deleteIndicator(ctx context.Context, in *LayerEditInput) (*reply, error) {
	kept, by, found, err := s.indicatorToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := kept.DeleteIndicator(ctx, by, found.ID, found.Version); err != nil {
		return nil, fmt.Errorf("delete an indicator: %w", otherIndicator(ctx, kept, by, in.ID, err))
	}
	return nothing(), nil
}

func (s *Server) putRelease(ctx context.Context, in *releaseInput, body *ReleaseBody) (*reply, error) {
	kept, by, found, err := s.indicatorToEdit(ctx, &in.LayerEditInput)
	if err != nil {
		return nil, err
	}
	date, err := dateOf("date", in.Date)
	if err != nil {
		return nil, invalidParameter("path.date", "is not a date such as 2026-06-30")
	}
	release := body.figures()
	release.Date = date
	kept1, err := kept.PutRelease(ctx, by, found.ID, found.Version, release)
	if err != nil {
		return nil, fmt.Errorf("put figures: %w", inBody(otherIndicator(ctx, kept, by, in.ID, err)))
	}
	return indicatorReply(kept1, by)
}

func (s *Server) deleteRelease(ctx context.Context, in *releaseInput) (*reply, error) {
	kept, by, found, err := s.indicatorToEdit(ctx, &in.LayerEditInput)
	if err != nil {
		return nil, err
	}
	date, err := dateOf("date", in.Date)
	if err != nil {
		return nil, invalidParameter("path.date", "is not a date such as 2026-06-30")
	}
	left, err := kept.DeleteRelease(ctx, by, found.ID, found.Version, date)
	if err != nil {
		return nil, fmt.Errorf("delete figures: %w", otherIndicator(ctx, kept, by, in.ID, err))
	}
	return indicatorReply(left, by)
}

// values answers with the figures of a date, in one of several forms.
func (s *Server) values(ctx context.Context, in *valuesInput) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	var date time.Time
	if in.Date != "" {
		if date, err = dateOf("date", in.Date); err != nil {
			return nil, invalidParameter("query.date", "is not a date such as 2026-06-30")
		}
	}
	city, err := s.loadedCity()
	if err != nil {
		return nil, err
	}
	i, release, err := kept.Figures(ctx, by, in.ID, date)
	if err != nil {
		return nil, fmt.Errorf("find figures: %w", err)
	}
	report := reportValues(i, release, city, by)
	switch in.Format {
	case "", formatJSON:
		return ofAsker(report, 0)
	case formatGeoJSON:
		done, err := s.makeLarge(ctx, largePage+1)
		if err != nil {
			return nil, err
		}
		defer done()
		answer, err := ofAsker(outlinesOf(report, city, in.ToleranceM), 0)
		if err == nil {
			answer.contentType = geoJSONType
		}
		return answer, err
	}
	hasPlaceless := slices.ContainsFunc(report.Values, func(v ValueReport) bool { return middleOfUnit(city.Units[v.Unit]) == nil })
	if in.Format == formatParquet && hasPlaceless {
		return nil, invalidParameter("query.format", "parquet needs a place for each unit, and some have neither a seat nor an outline")
	}
	return exportLayer(in.Format, valuesTable(report, city, hasPlaceless), "-"+report.Date)
}

// unitsOf lists the units that an indicator is about, by code.
func unitsOf(i *yizhan.Indicator, city *yizhan.City) []*yizhan.Unit {
	var units []*yizhan.Unit
	for _, unit := range city.Units {
		if unit.Level == i.Level && strings.HasPrefix(unit.Code, yizhan.UnitPrefix(i.Unit)) {
			units = append(units, unit)
		}
	}
	slices.SortFunc(units, func(a, b *yizhan.Unit) int { return strings.Compare(a.Code, b.Code) })
	return units
}

func outlinesOf(report ValuesReport, city *yizhan.City, toleranceM int) ValueCollection {
	collection := ValueCollection{Type: "FeatureCollection", Indicator: report.Indicator.ID, Date: report.Date, Features: []ValueFeature{}}
	for _, v := range report.Values {
		feature := ValueFeature{Type: "Feature", ID: v.Unit, Properties: v}
		if unit := city.Units[v.Unit]; unit != nil {
			feature.Geometry.value = outlineOf(unit.Boundary, toleranceM)
		}
		collection.Features = append(collection.Features, feature)
	}
	return collection
}

const metersOfDegree = 111_320.0

// outlineOf is an outline within a tolerance. A ring of which nothing would be left stays as it is.
func outlineOf(area orb.MultiPolygon, toleranceM int) *outline {
	if len(area) == 0 {
		return nil
	}
	if toleranceM > 0 {
		simpler := simplify.DouglasPeucker(float64(toleranceM) / metersOfDegree)
		area = orb.Clone(area).(orb.MultiPolygon) // the city's own is never written to
		for _, polygon := range area {
			for n, ring := range polygon {
				if small := simpler.Ring(ring.Clone()); len(small) >= 4 {
					polygon[n] = small
				}
			}
		}
	}
	return (*outline)(&area)
}

func written(format exports.Format, t exports.Table) ([]byte, error) {
	var body bytes.Buffer
	err := format.Write(&body, t)
	return body.Bytes(), err
}
