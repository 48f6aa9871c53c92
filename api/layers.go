package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
)

// Layers keeps indicators and places; *store.Store does. What a principal may see and do it decides itself.
type Layers interface {
	ListIndicators(ctx context.Context, by *yizhan.Principal) ([]yizhan.Indicator, error)
	FindIndicator(ctx context.Context, by *yizhan.Principal, id string) (*yizhan.Indicator, error)
	Figures(ctx context.Context, by *yizhan.Principal, id string, date time.Time) (*yizhan.Indicator, *yizhan.Release, error)
	// IndicatorVersion is the version of FindIndicator, without the rest.
	IndicatorVersion(ctx context.Context, by *yizhan.Principal, id string) (int64, error)
	CreateIndicator(ctx context.Context, by *yizhan.Principal, i yizhan.Indicator, first yizhan.Release) (*yizhan.Indicator, error)
	ReplaceIndicator(ctx context.Context, by *yizhan.Principal, i yizhan.Indicator) (*yizhan.Indicator, error)
	PutRelease(ctx context.Context, by *yizhan.Principal, id string, version int64, r yizhan.Release) (*yizhan.Indicator, error)
	DeleteRelease(ctx context.Context, by *yizhan.Principal, id string, version int64, date time.Time) (*yizhan.Indicator, error)
	DeleteIndicator(ctx context.Context, by *yizhan.Principal, id string, version int64) error

	ListPlaceLayers(ctx context.Context, by *yizhan.Principal) ([]yizhan.PlaceLayer, error)
	FindPlaceLayer(ctx context.Context, by *yizhan.Principal, id string) (*yizhan.PlaceLayer, error)
	CreatePlaceLayer(ctx context.Context, by *yizhan.Principal, l yizhan.PlaceLayer) (*yizhan.PlaceLayer, error)
	ReplacePlaceLayer(ctx context.Context, by *yizhan.Principal, l yizhan.PlaceLayer) (*yizhan.PlaceLayer, error)
	DeletePlaceLayer(ctx context.Context, by *yizhan.Principal, id string, version int64) error
}

// LayerHeadReport is what indicators and place layers have in common.
type LayerHeadReport struct {
	ID        string    `json:"id" doc:"Given by the server" example:"mfzwizltoqydamrq"`
	Name      string    `json:"name" example:"党组织覆盖率"`
	Note      string    `json:"note"`
	Unit      string    `json:"unit" doc:"Code of the unit that the layer is about" example:"150700"`
	Public    bool      `json:"public" doc:"Shown to everybody; otherwise to staff"`
	Author    string    `json:"author,omitempty" doc:"Name of the account that made it; told to staff"`
	Synthetic bool      `json:"synthetic" doc:"Made for the demo"`
	MayEdit   bool      `json:"may_edit" doc:"Whether whoever asks may change it"`
	Version   int64     `json:"version" minimum:"1"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func reportLayerHead(h *yizhan.LayerHead, by *yizhan.Principal) LayerHeadReport {
	r := LayerHeadReport{ID: h.ID, Name: h.Name, Note: h.Note, Unit: h.Unit, Public: h.Public, Synthetic: h.Synthetic,
		MayEdit: by.May(yizhan.ActEditLayers, h.Unit), Version: h.Version, CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt}
	if by.May(yizhan.ActReadStaff, "") {
		r.Author = h.Author
	}
	return r
}

// LayerInput names a layer.
type LayerInput struct {
	asked
	ID string `path:"id" doc:"The id of the layer" maxLength:"32" example:"mfzwizltoqydamrq"`
}

// LayerEditInput names a layer that is changed.
type LayerEditInput struct {
	LayerInput
	IfMatch string `header:"If-Match"`
}

// layers is what keeps them, and who asks.
func (s *Server) layers(c *fiber.Ctx) (Layers, *yizhan.Principal, error) {
	if s.options.Layers == nil {
		return nil, nil, unavailable("this server keeps no indicators and places", nil)
	}
	by, err := s.authenticate(c)
	return s.options.Layers, by, err
}

// loadedCity is the city as it is now.
func (s *Server) loadedCity() (*yizhan.City, error) {
	if city := s.options.Feed.City(); city != nil {
		return city, nil
	}
	return nil, unavailable("the city is still being loaded", nil)
}

// ofAsker answers with what depends on who asks, at a version if it is above 0.
func ofAsker(value any, version int64) (*reply, error) {
	answer, err := jsonReply(value)
	if err != nil {
		return nil, err
	}
	answer.volatile = version == 0
	if version > 0 {
		answer.version = strconv.FormatInt(version, 10)
	}
	answer.headers = map[string]string{fiber.HeaderCacheControl: "private, no-cache", fiber.HeaderVary: "Cookie, Authorization"}
	return answer, nil
}

// layerOps describes the operations on layers, whose errors are the same.
func layerOp(method, id, path, tag, summary, description string) huma.Operation {
	op := huma.Operation{Method: method, OperationID: id, Path: path, Tags: []string{tag}, Summary: summary, Description: description, Errors: []int{}}
	if method != http.MethodGet {
		op.Errors = append(op.Errors, signedIn...)
	}
	return op
}

// edits adds what an operation needs that changes a layer.
func edits(op huma.Operation) huma.Operation {
	op.Parameters = append(op.Parameters, ifMatchParam())
	op.Errors = append(op.Errors, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	return op
}

// anyVersion is the version that an edit is based on; for * the one there is.
func anyVersion(ifMatch string, now func() (int64, error)) (int64, error) {
	version, isAny, err := versionOf(ifMatch)
	if err != nil || !isAny {
		return version, err
	}
	return now()
}

// dateOf reads a date; the errors name the field.
func dateOf(field, text string) (time.Time, error) {
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return date, yizhan.Invalid(field, "is not a date such as 2026-06-30")
	}
	return date, nil
}

// exportLayer answers with a table of a layer.
func exportLayer(formatName string, t table, suffix string) (*reply, error) {
	format, err := exports.FormatOf(formatName)
	if err != nil {
		return nil, err
	}
	body, err := written(format, t.Table)
	if err != nil {
		return nil, err
	}
	return &reply{contentType: format.MediaType, body: body, owned: true, headers: map[string]string{
		fiber.HeaderCacheControl:       "private, no-cache",
		fiber.HeaderVary:               "Cookie, Authorization",
		fiber.HeaderContentDisposition: attachment(t.plainName+suffix+format.Extension, t.Name+suffix+format.Extension),
	}}, nil
}
