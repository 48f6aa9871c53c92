package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// bodyDepth bounds how deep arrays and objects of a body may be within each other.
const bodyDepth = 24

// bodyKey is where the body that was read is in the context of a request.
type bodyKey struct{}

// operationWithBody registers an operation that reads a JSON body. The body is held against the schema of
// Body that the OpenAPI document shows, so that the two cannot disagree: members it does not know are
// refused by name.
func operationWithBody[Input, Body, Answer any](s *Server, op huma.Operation, handle func(context.Context, *Input, *Body) (*reply, error)) {
	schema := s.schema(reflect.TypeFor[Body]())
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	op.Errors = append(op.Errors, fiber.StatusRequestEntityTooLarge, fiber.StatusUnsupportedMediaType)
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		c := humafiber.UnwrapV2(ctx)
		body := new(Body)
		if err := s.readBody(c, schema, body); err != nil {
			c.Locals(localError, err)
			return
		}
		next(huma.WithValue(ctx, bodyKey{}, body))
	})
	operation[Input, Answer](s, op, func(ctx context.Context, in *Input) (*reply, error) {
		return handle(ctx, in, ctx.Value(bodyKey{}).(*Body))
	})
}

// readBody reads the JSON body of a request; Fiber has bounded its size already.
func (s *Server) readBody(c *fiber.Ctx, schema *huma.Schema, body any) error {
	mediaType, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || mediaType != "application/json" {
		return newProblem("unsupported_media_type", "the body is not of the type application/json, or does not say so in Content-Type")
	}
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return newProblem("unsupported_media_type", "the body is compressed; send it as it is")
	}
	data := c.Request().Body()
	if err := checkJSON(data); err != nil {
		return err
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return invalidParameter("body", "is not JSON that can be read: a number may be out of range")
	}
	var result huma.ValidateResult
	path := huma.NewPathBuffer([]byte{}, 0)
	path.Push("body")
	huma.Validate(s.huma.OpenAPI().Components.Schemas, schema, path, huma.ModeWriteToServer, plain, &result)
	if faults := faultsOfBody(result.Errors); len(faults) > 0 {
		return invalidParameters(faults)
	}
	if err := json.Unmarshal(data, body); err != nil {
		return fmt.Errorf("a body that fits the schema does not fit %T: %w", body, err)
	}
	return nil
}

// faultsOfBody says what is wrong without quoting values.
func faultsOfBody(errs []error) []Fault {
	var faults []Fault
	for _, err := range errs {
		var detail *huma.ErrorDetail
		if !errors.As(err, &detail) || len(faults) == maxFaults {
			continue
		}
		message := strings.Replace(detail.Message, "expected", "is not as expected:", 1)
		if detail.Message == "unexpected property" {
			message = "is unknown here"
		}
		faults = append(faults, Fault{printableLocation(detail.Location), message})
	}
	slices.SortStableFunc(faults, func(a, b Fault) int { return strings.Compare(a.Location, b.Location) })
	return faults
}

// printableLocation keeps a location, whose last member the client may have made up, short and plain.
func printableLocation(location string) string {
	members := strings.SplitAfter(location, ".")
	for i, member := range members {
		name, isInner := strings.CutSuffix(member, ".")
		if members[i] = printable(name); isInner {
			members[i] += "."
		}
	}
	return strings.Join(members[:min(len(members), bodyDepth)], "")
}

// checkJSON refuses what encoding/json would let pass: a member given twice, text that is not UTF-8, more
// than one value, and what is nested too deep.
func checkJSON(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return invalidParameter("body", "is empty")
	}
	if !utf8.Valid(data) {
		return invalidParameter("body", "is not UTF-8")
	}
	check := jsonCheck{json.NewDecoder(bytes.NewReader(data))}
	check.UseNumber()
	if err := check.value(0); err != nil {
		return err
	}
	if _, err := check.Token(); !errors.Is(err, io.EOF) {
		return invalidParameter("body", "has something after its end")
	}
	return nil
}

type jsonCheck struct{ *json.Decoder }

func (d *jsonCheck) value(depth int) error {
	if depth > bodyDepth {
		return invalidParameter("body", fmt.Sprintf("is nested deeper than %d", bodyDepth))
	}
	token, err := d.Token()
	switch {
	case err != nil:
		return d.notJSON()
	case token == json.Delim('['):
		return d.elements(depth)
	case token == json.Delim('{'):
		return d.members(depth)
	}
	return nil
}

func (d *jsonCheck) elements(depth int) error {
	for d.More() {
		if err := d.value(depth + 1); err != nil {
			return err
		}
	}
	return d.end()
}

func (d *jsonCheck) members(depth int) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		name, isName := token.(string)
		if err != nil || !isName {
			return d.notJSON()
		}
		if seen[name] {
			return invalidParameter("body", "has the member "+printable(name)+" twice in one object")
		}
		seen[name] = true
		if err := d.value(depth + 1); err != nil {
			return err
		}
	}
	return d.end()
}

func (d *jsonCheck) end() error {
	if _, err := d.Token(); err != nil {
		return d.notJSON()
	}
	return nil
}

func (d *jsonCheck) notJSON() error {
	return invalidParameter("body", fmt.Sprintf("is not JSON, near byte %d", d.InputOffset()))
}

// inBody makes an error about a field be one about a member of the body.
func inBody(err error) error {
	var domain *yizhan.Error
	if !errors.As(err, &domain) || domain.Field == "" {
		return err
	}
	problem := problemOfDomain(domain)
	if len(problem.Errors) == 0 {
		return err
	}
	problem.Errors[0].Location = "body." + domain.Field
	problem.cause = domain.Err
	return problem
}
