package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
)

//go:embed docs.html
var docsHTML string

// checked answers a described route: the parameters first, as everywhere.
func (s *Server) checked(ctx huma.Context, handler fiber.Handler) {
	c := humafiber.UnwrapV2(ctx)
	err := checkQuery(c, ctx.Operation())
	if err == nil {
		err = handler(c)
	}
	if err != nil {
		c.Locals(localError, err)
	}
}

func (s *Server) routeDocument() {
	s.described(huma.Operation{
		OperationID: "get-openapi", Path: "/api/openapi.json", Tags: []string{"Operations"}, Summary: "This document",
		Responses: map[string]*huma.Response{"200": {Description: "OpenAPI 3.1",
			Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}}},
	}, s.once(mediaJSON, marshalDocument))
	s.described(huma.Operation{
		OperationID: "get-openapi-30", Path: "/api/openapi-3.0.json", Tags: []string{"Operations"}, Summary: "This document in OpenAPI 3.0",
		Responses: map[string]*huma.Response{"200": {Description: "For programs that do not read 3.1",
			Content: map[string]*huma.MediaType{openapi30Type: {Schema: &huma.Schema{Type: huma.TypeObject}}}}},
	}, s.once(openapi30Type, marshalDocument30))
	s.described(huma.Operation{
		OperationID: "get-docs", Path: "/api/docs", Tags: []string{"Operations"}, Summary: "This document to read",
		Responses: map[string]*huma.Response{"200": {Description: "A page",
			Content: map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, s.once("text/html; charset=utf-8", docsPage))
	s.router.get("/problems/:code", func(c *fiber.Ctx) error {
		for _, k := range kinds {
			if k.code == c.Params("code") {
				return c.Redirect("/api/docs#problem-"+k.code, http.StatusSeeOther)
			}
		}
		return notFound("there is no such kind of problem; /api/docs lists them")
	})
	s.schema(reflect.TypeFor[Problem]())
}

// once answers with a form of the document, made when it is first asked for: that takes a tenth of a second.
func (s *Server) once(contentType string, form func(*huma.OpenAPI) ([]byte, error)) fiber.Handler {
	answer := sync.OnceValues(func() (*reply, error) {
		body, err := form(s.huma.OpenAPI())
		return &reply{contentType: contentType, body: body, version: hashOf(body), packed: &packed{}}, err
	})
	return func(c *fiber.Ctx) error {
		made, err := answer()
		send(c, made, err)
		return nil
	}
}

// docsPage renders the document for people, on the server: no script, nothing from elsewhere.
func docsPage(document *huma.OpenAPI) ([]byte, error) {
	page, err := template.New("docs").Parse(docsHTML)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := page.Execute(&body, docsData(document)); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}
