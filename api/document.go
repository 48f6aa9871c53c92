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
	}, func(c *fiber.Ctx) error {
		send(c, s.document, nil)
		return nil
	})
	older := sync.OnceValues(func() (*reply, error) {
		body, err := marshalDocument30(s.huma.OpenAPI())
		return &reply{contentType: openapi30Type, body: body, version: hashOf(body), packed: &packed{}}, err
	})
	s.described(huma.Operation{
		OperationID: "get-openapi-30", Path: "/api/openapi-3.0.json", Tags: []string{"Operations"}, Summary: "This document in OpenAPI 3.0",
		Responses: map[string]*huma.Response{"200": {Description: "For programs that do not read 3.1",
			Content: map[string]*huma.MediaType{openapi30Type: {Schema: &huma.Schema{Type: huma.TypeObject}}}}},
	}, func(c *fiber.Ctx) error {
		answer, err := older()
		send(c, answer, err)
		return nil
	})
	page := sync.OnceValues(func() (*reply, error) {
		body, err := docsPage(s.huma.OpenAPI())
		return &reply{contentType: "text/html; charset=utf-8", body: body, version: hashOf(body), packed: &packed{}}, err
	})
	s.described(huma.Operation{
		OperationID: "get-docs", Path: "/api/docs", Tags: []string{"Operations"}, Summary: "This document to read",
		Responses: map[string]*huma.Response{"200": {Description: "A page",
			Content: map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, func(c *fiber.Ctx) error {
		answer, err := page()
		send(c, answer, err)
		return nil
	})
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
