package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
)

// Keys of what a request carries along.
const (
	localError     = "yizhan.error"
	localRequestID = "yizhan.request_id"
	localOwned     = "yizhan.owned" // set when the body was made for this request alone
)

// huma reads these variables of its own; there is no other way to give it ours. Its own errors would quote
// the values that were sent.
func init() {
	huma.ValidateStrictCasing = true // encoding/json would take Name for name
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return problemOfStatus(status) }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		problem := problemOfHuma(status, errs)
		humafiber.UnwrapV2(ctx).Locals(localError, error(problem))
		return problem
	}
}

// problemOfHuma is for inputs that pass checkParameters and that huma still cannot read.
func problemOfHuma(status int, errs []error) *Problem {
	problem := problemOfStatus(status)
	for _, err := range errs {
		if detail, ok := err.(huma.ErrorDetailer); ok && status < http.StatusInternalServerError {
			d := detail.ErrorDetail()
			problem.Errors = append(problem.Errors, Fault{d.Location, d.Message})
		}
	}
	return problem
}

// reply is what an operation answers.
type reply struct {
	status      int    // 200 if 0
	contentType string // application/json if empty
	body        []byte
	version     string  // what the ETag says; empty for one made from the body
	volatile    bool    // it tells the time: no ETag
	owned       bool    // the body was made for this request alone
	packed      *packed // of an answer that many ask for
	headers     map[string]string
}

func jsonReply(value any) (*reply, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode %T: %w", value, err)
	}
	return &reply{body: bytes.TrimRight(body.Bytes(), "\n")}, nil
}

// output hands the reply to Fiber; huma would copy the body and choose an encoding of its own.
type output struct{ Body func(huma.Context) }

// operation registers an operation, a GET if it does not say, whose answer has the schema of Answer and the
// status DefaultStatus, or 200. One of status 204 has no body.
func operation[Input, Answer any](s *Server, op huma.Operation, handle func(context.Context, *Input) (*reply, error)) {
	if op.Method == "" {
		op.Method = http.MethodGet
	}
	op.SkipValidateParams = true // checkParameters has done it
	op.Middlewares = append(huma.Middlewares{checkParameters}, op.Middlewares...)
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	mediaType := "application/json"
	if described, ok := op.Metadata["media_type"].(string); ok {
		mediaType = described
	}
	op.Metadata = nil
	if op.DefaultStatus == 0 {
		op.DefaultStatus = http.StatusOK
	}
	ok := op.Responses[strconv.Itoa(op.DefaultStatus)]
	if ok == nil {
		ok = &huma.Response{Description: "The answer"}
		op.Responses[strconv.Itoa(op.DefaultStatus)] = ok
	}
	if op.DefaultStatus != http.StatusNoContent {
		content := map[string]*huma.MediaType{mediaType: {Schema: s.schema(reflect.TypeFor[Answer]())}}
		maps.Copy(content, ok.Content) // other forms of the answer
		ok.Content = content
	}
	s.describeErrors(&op)
	op.Security = securityOf(&op)
	huma.Register(s.huma, op, func(ctx context.Context, in *Input) (*output, error) {
		answer, err := handle(ctx, in)
		return &output{Body: func(ctx huma.Context) { send(humafiber.UnwrapV2(ctx), answer, err) }}, nil
	})
}

// send writes the reply, 304 when the client has it already. An error goes to the middleware that writes
// problems.
func send(c *fiber.Ctx, answer *reply, err error) {
	if err != nil {
		c.Locals(localError, err)
		return
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if c.Locals(localOfAsker) != nil {
		keepPrivate(&c.Response().Header)
	}
	for name, value := range answer.headers {
		c.Set(name, value)
	}
	if tag := answer.tag(); tag != "" {
		c.Set(fiber.HeaderETag, `"`+tag+`"`)
		if reads(c) && matches(c.Get(fiber.HeaderIfNoneMatch), tag) {
			c.Status(http.StatusNotModified)
			return
		}
	}
	if answer.owned {
		c.Locals(localOwned, true)
	}
	if answer.status == http.StatusNoContent {
		c.Status(answer.status)
		return
	}
	c.Set(fiber.HeaderContentType, "application/json")
	if answer.contentType != "" {
		c.Set(fiber.HeaderContentType, answer.contentType)
	}
	body := answer.body
	if answer.packed != nil && len(body) >= compressFrom {
		encoding := chooseEncoding(c.Get(fiber.HeaderAcceptEncoding), encodingBrotli, encodingGzip)
		if encoding != "" {
			c.Set(fiber.HeaderContentEncoding, encoding)
			c.Set(fiber.HeaderETag, `"`+answer.tag()+"-"+encoding+`"`)
			body = answer.packed.form(encoding, body)
		}
	}
	c.Status(cmp.Or(answer.status, http.StatusOK)).Response().SetBodyRaw(body)
}

// reads tells whether the request changes nothing.
func reads(c *fiber.Ctx) bool { return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead }

// tag is what the ETag says; empty for none.
func (r *reply) tag() string {
	switch {
	case r.volatile:
		return ""
	case r.version != "":
		return r.version
	}
	return hashOf(r.body)
}

func hashOf(body []byte) string { return strconv.FormatUint(xxhash.Sum64(body), 36) }

// matches compares an If-None-Match header weakly with a tag, whose encoded forms end in -gzip and -br.
func matches(header, tag string) bool {
	if header == "" {
		return false
	}
	for _, candidate := range strings.Split(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == "*" {
			return true
		}
		candidate = strings.Trim(candidate, `"`)
		if candidate == tag || candidate == tag+"-gzip" || candidate == tag+"-br" {
			return true
		}
	}
	return false
}

// describeErrors adds the error answers that every operation can give, and those it names itself.
func (s *Server) describeErrors(op *huma.Operation) {
	statuses := append([]int{400, 414, 429, 431, 500, 503}, op.Errors...)
	op.Errors = nil
	for _, status := range statuses {
		op.Responses[strconv.Itoa(status)] = s.problemResponse(status)
	}
}

func (s *Server) problemResponse(status int) *huma.Response {
	var lines []string
	for _, k := range kinds {
		if k.status == status && k.ofOperations() {
			lines = append(lines, "`"+k.code+"`: "+k.help)
		}
	}
	response := &huma.Response{
		Description: strings.Join(lines, " "),
		Content: map[string]*huma.MediaType{problemType: {
			Schema: s.schema(reflect.TypeFor[Problem]()),
		}},
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		response.Headers = map[string]*huma.Param{"Retry-After": {
			Description: "Seconds to wait", Schema: &huma.Schema{Type: huma.TypeInteger},
		}}
	}
	return response
}
