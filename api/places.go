package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
)

const placesPath = "/api/places"

type placeLayerInput struct {
	LayerInput
	Format string `query:"format"`
}

// PlaceBody is a place of a layer.
type PlaceBody struct {
	Name     string   `json:"name" minLength:"1" maxLength:"120"`
	Kind     string   `json:"kind,omitempty" maxLength:"40" doc:"The same word for places of a kind" example:"调解中心"`
	Note     string   `json:"note,omitempty" maxLength:"500"`
	Location Position `json:"location" doc:"lng, lat in WGS84"`
}

// PlaceLayerBody is a layer of places.
type PlaceLayerBody struct {
	Name   string      `json:"name" minLength:"1" maxLength:"100" example:"观察社区"`
	Note   string      `json:"note,omitempty" maxLength:"2000"`
	Public bool        `json:"public,omitempty" doc:"Show it to everybody; otherwise staff see it"`
	Unit   string      `json:"unit,omitempty" maxLength:"12" doc:"Code of the unit that it is about; stays when a layer is replaced" example:"150700"`
	Source string      `json:"source" minLength:"1" maxLength:"200"`
	Date   string      `json:"date" maxLength:"10" doc:"Of which day the places are" example:"2026-01-01"`
	Places []PlaceBody `json:"places" nullable:"false" minItems:"1" maxItems:"5000"`
}

// PlaceLayerHeadReport is a layer of places without them.
type PlaceLayerHeadReport struct {
	LayerHeadReport
	Source string `json:"source"`
	Date   string `json:"date" format:"date"`
	Count  int    `json:"count" doc:"Of places"`
}

// PlaceLayerReport is a layer of places.
type PlaceLayerReport struct {
	PlaceLayerHeadReport
	Places []PlaceReport `json:"places" nullable:"false" doc:"In the order of their table"`
}

// PlaceReport is a place of a layer.
type PlaceReport struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Note      string   `json:"note"`
	Location  Position `json:"location"`
	Community string   `json:"community" doc:"Code of the community that it lies in; the codes of the units above begin it. Empty outside of all"`
}

// PlaceLayerListReport lists layers of places.
type PlaceLayerListReport struct {
	Layers []PlaceLayerHeadReport `json:"layers" nullable:"false"`
	MayAdd []string               `json:"may_add" nullable:"false" doc:"Units in which, and below which, whoever asks may add layers"`
}

// LayerPlaceCollection is a layer of places as GeoJSON.
type LayerPlaceCollection struct {
	Type     string              `json:"type" enum:"FeatureCollection"`
	Features []LayerPlaceFeature `json:"features" nullable:"false"`
}

// LayerPlaceFeature is a place as GeoJSON.
type LayerPlaceFeature struct {
	Type       string      `json:"type" enum:"Feature"`
	ID         int         `json:"id" doc:"Its row, from 1"`
	Geometry   placePoint  `json:"geometry"`
	Properties PlaceReport `json:"properties"`
}

type placePoint struct {
	Type        string   `json:"type" enum:"Point"`
	Coordinates Position `json:"coordinates"`
}

func (s *Server) routePlaces() {
	const tag = "Places"
	one := placesPath + "/{id}"
	operation[asked, PlaceLayerListReport](s, layerOp(http.MethodGet, "list-place-layers", placesPath, tag, "Layers of places",
		"By name, without the places. Guests see those that are public."), s.listPlaceLayers)
	create := layerOp(http.MethodPost, "create-place-layer", placesPath, tag, "Add a layer of places",
		"Points with a name, a kind and a note. Who sends addresses of people sends what is not for here.")
	create.DefaultStatus = http.StatusCreated
	operationWithBody[asked, PlaceLayerBody, PlaceLayerReport](s, create, s.createPlaceLayer)
	get := notFoundToo(layerOp(http.MethodGet, "get-place-layer", one, tag, "A layer of places", "The `ETag` is its version. As GeoJSON, or as a table to take away, with `format`."))
	get.Parameters = []*huma.Param{formatParam(formatGeoJSON)}
	get.Middlewares = huma.Middlewares{s.exporters}
	get.Errors = append(get.Errors, signedIn...)
	get.Responses = map[string]*huma.Response{"200": {Description: "The places", Headers: map[string]*huma.Param{},
		Content: map[string]*huma.MediaType{geoJSONType: {Schema: s.schema(reflect.TypeFor[LayerPlaceCollection]())}}}}
	addExports(get.Responses)
	operation[placeLayerInput, PlaceLayerReport](s, get, s.placeLayer)
	operationWithBody[LayerEditInput, PlaceLayerBody, PlaceLayerReport](s, edits(layerOp(http.MethodPut, "replace-place-layer", one, tag, "Replace a layer of places", "With all its places.")), s.replacePlaceLayer)
	gone := edits(layerOp(http.MethodDelete, "delete-place-layer", one, tag, "Delete a layer of places", "With all its places."))
	gone.DefaultStatus, gone.Responses = http.StatusNoContent, map[string]*huma.Response{"204": {Description: "It is gone"}}
	operation[LayerEditInput, struct{}](s, gone, s.deletePlaceLayer)
}

func (b *PlaceLayerBody) layer() (yizhan.PlaceLayer, error) {
	l := yizhan.PlaceLayer{LayerHead: yizhan.LayerHead{Name: b.Name, Note: b.Note, Public: b.Public, Unit: b.Unit}, Source: b.Source}
	for _, p := range b.Places {
		l.Places = append(l.Places, yizhan.LayerPlace{Name: p.Name, Kind: p.Kind, Note: p.Note, Location: yizhan.SnapPoint(orb.Point(p.Location))})
	}
	var err error
	l.Date, err = dateOf("date", b.Date)
	return l, err
}

func reportPlaceLayerHead(l *yizhan.PlaceLayer, by *yizhan.Principal) PlaceLayerHeadReport {
	return PlaceLayerHeadReport{reportLayerHead(&l.LayerHead, by), l.Source, l.Date.Format(time.DateOnly), l.Count}
}

func placeLayerReply(l *yizhan.PlaceLayer, by *yizhan.Principal) (*reply, error) {
	report := PlaceLayerReport{reportPlaceLayerHead(l, by), []PlaceReport{}}
	for _, p := range l.Places {
		report.Places = append(report.Places, reportPlace(p))
	}
	return ofAsker(report, l.Version)
}

func reportPlace(p yizhan.LayerPlace) PlaceReport {
	return PlaceReport{Name: p.Name, Kind: p.Kind, Note: p.Note, Location: Position(p.Location), Community: p.Community}
}

func (s *Server) listPlaceLayers(ctx context.Context, in *asked) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	list, err := kept.ListPlaceLayers(ctx, by)
	if err != nil {
		return nil, fmt.Errorf("list layers of places: %w", err)
	}
	report := PlaceLayerListReport{Layers: []PlaceLayerHeadReport{}, MayAdd: unitsOrNone(by.Where(yizhan.ActEditLayers))}
	for i := range list {
		report.Layers = append(report.Layers, reportPlaceLayerHead(&list[i], by))
	}
	return ofAsker(report, 0)
}

func (s *Server) createPlaceLayer(ctx context.Context, in *asked, body *PlaceLayerBody) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	if err := s.may(in.c, yizhan.ActEditLayers, body.Unit); err != nil {
		return nil, err
	}
	layer, err := body.layer()
	if err != nil {
		return nil, inBody(err)
	}
	created, err := kept.CreatePlaceLayer(ctx, by, layer)
	if err != nil {
		return nil, fmt.Errorf("create a layer of places: %w", inBody(err))
	}
	answer, err := placeLayerReply(created, by)
	if err != nil {
		return nil, err
	}
	answer.status = http.StatusCreated
	answer.headers[fiber.HeaderLocation] = placesPath + "/" + created.ID
	return answer, nil
}

func (s *Server) placeLayer(ctx context.Context, in *placeLayerInput) (*reply, error) {
	kept, by, err := s.layers(in.c)
	if err != nil {
		return nil, err
	}
	found, err := kept.FindPlaceLayer(ctx, by, in.ID)
	if err != nil {
		return nil, fmt.Errorf("find a layer of places: %w", err)
	}
	switch in.Format {
	case "", formatJSON:
		return placeLayerReply(found, by)
	case formatGeoJSON:
		answer, err := ofAsker(placeCollection(found), 0)
		if err == nil {
			answer.contentType = geoJSONType
		}
		return answer, err
	}
	return exportLayer(in.Format, placesTable(found), "-"+found.Date.Format(time.DateOnly))
}

func placeCollection(l *yizhan.PlaceLayer) LayerPlaceCollection {
	collection := LayerPlaceCollection{Type: "FeatureCollection", Features: []LayerPlaceFeature{}}
	for n, p := range l.Places {
		collection.Features = append(collection.Features, LayerPlaceFeature{"Feature", n + 1, placePoint{"Point", Position(p.Location)}, reportPlace(p)})
	}
	return collection
}

// placesTable is a layer as a table to take away.
func placesTable(l *yizhan.PlaceLayer) table {
	text := func(name, title string) exports.Column {
		return exports.Column{Name: name, Title: title, Type: exports.TextType}
	}
	return table{plainName: "places-" + l.ID, Table: exports.Table{
		Name: l.Name, Geometry: "location",
		Columns: []exports.Column{text("name", "名称"), text("kind", "类别"), text("note", "备注"), text("community", "所在社区代码"),
			{Name: "location", Title: "位置", Type: exports.PointType, Description: "lng, lat, WGS84"}},
		About: []exports.Fact{{Label: "日期 date", Text: l.Date.Format(time.DateOnly)}, {Label: "来源 source", Text: l.Source}, {Label: "说明 note", Text: l.Note}},
		Rows: rowsOf(l.Places, func(_ int, p yizhan.LayerPlace) []exports.Value {
			return []exports.Value{exports.Text(p.Name), exports.Text(p.Kind), exports.Text(p.Note), exports.Text(p.Community), exports.Point(p.Location)}
		}),
	}}
}

// placeLayerToEdit finds a layer, and the version that an edit is based on.
func (s *Server) placeLayerToEdit(ctx context.Context, in *LayerEditInput) (kept Layers, by *yizhan.Principal, found *yizhan.PlaceLayer, err error) {
	kept, by, err = s.layers(in.c)
	if err != nil {
		return nil, nil, nil, err
	}
	found, err = kept.FindPlaceLayer(ctx, by, in.ID)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("find a layer of places: %w", err)
	}
	if err := s.may(in.c, yizhan.ActEditLayers, found.Unit); err != nil {
		return nil, nil, nil, err
	}
	found.Version, err = anyVersion(in.IfMatch, func() (int64, error) { return found.Version, nil })
	return kept, by, found, err
}

func otherPlaceLayer(ctx context.Context, kept Layers, by *yizhan.Principal, id string, err error) error {
	return otherVersion(err, func() (int64, error) {
		found, err := kept.FindPlaceLayer(ctx, by, id)
		if err != nil {
			return 0, err
		}
		return found.Version, nil
	})
}

func (s *Server) replacePlaceLayer(ctx context.Context, in *LayerEditInput, body *PlaceLayerBody) (*reply, error) {
	kept, by, found, err := s.placeLayerToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	layer, err := body.layer()
	if err != nil {
		return nil, inBody(err)
	}
	layer.ID, layer.Version = found.ID, found.Version
	replaced, err := kept.ReplacePlaceLayer(ctx, by, layer)
	if err != nil {
		return nil, fmt.Errorf("replace a layer of places: %w", inBody(otherPlaceLayer(ctx, kept, by, in.ID, err)))
	}
	return placeLayerReply(replaced, by)
}

func (s *Server) deletePlaceLayer(ctx context.Context, in *LayerEditInput) (*reply, error) {
	kept, by, found, err := s.placeLayerToEdit(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := kept.DeletePlaceLayer(ctx, by, found.ID, found.Version); err != nil {
		return nil, fmt.Errorf("delete a layer of places: %w", otherPlaceLayer(ctx, kept, by, in.ID, err))
	}
	return nothing(), nil
}
