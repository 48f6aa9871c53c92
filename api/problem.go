package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// Problem is an error answer (RFC 9457).
type Problem struct {
	Type     string  `json:"type" format:"uri-reference" doc:"What kind of problem this is; stable, and a page that explains it" example:"/problems/invalid_parameter"`
	Title    string  `json:"title" doc:"The kind in words; the same for every problem of the type" example:"Invalid parameter"`
	Status   int     `json:"status" minimum:"400" maximum:"599" doc:"The HTTP status" example:"400"`
	Detail   string  `json:"detail" doc:"What went wrong this time, for a person to read"`
	Instance string  `json:"instance" format:"uri" doc:"This very occurrence: quote it when asking for help; the server's log has the same id" example:"urn:yizhan:request:5f2b6c1e9a3d4b70"`
	Code     string  `json:"code" doc:"The kind for a program to branch on; the last part of type" example:"invalid_parameter"`
	Errors   []Fault `json:"errors,omitempty" maxItems:"20" doc:"Each input at fault"`

	Conflicts []ConflictReport `json:"conflicts,omitempty" maxItems:"100" doc:"Of edits: what somebody else changed first"`
	Where     *PlaceCollection `json:"where,omitempty" doc:"Of edits of boundaries: the places where a rule is broken, for a map"`

	retryAfter time.Duration // for the Retry-After header
	etag       string        // of what is there, for a 412
	cause      error         // for the log only
}

// Fault is one input at fault.
type Fault struct {
	Location string `json:"location" doc:"Where: query, path, header or body, a dot, and the name" example:"query.bbox"`
	Message  string `json:"message" doc:"What is wrong with it and what is expected" example:"west 121 is east of east 119"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus and ContentType let huma write a Problem; see register.go.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type of a problem.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// kind is a type of problem. The list is part of the API: entries are added, never renamed.
type kind struct {
	code   string
	status int
	title  string
	help   string
}

var kinds = []kind{
	{"invalid_parameter", 400, "Invalid parameter", "A parameter, or a member of the body, is unknown, missing, given twice, out of range or malformed. errors names each and says what is expected."},
	{"bad_request", 400, "Bad request", "The request is not well-formed HTTP."},
	{"unauthenticated", 401, "Not signed in", "The address is for people who are signed in, or programs with a token that serves."},
	{"wrong_credentials", 401, "Wrong name or password", "The name, the password or the code is wrong; which of them is not told."},
	{"code_required", 401, "Second factor required", "The account has a second factor: send its six digits, or a recovery code, as code."},
	{"forbidden", 403, "Forbidden", "The account may not do this, or not in that unit; or the token is not made for it."},
	{"cross_site", 403, "From another site", "The request comes from a page of another site, or does not have the X-CSRF-Token of the session, which GET /api/auth/me tells."},
	{"not_found", 404, "Not found", "Nothing is at this address: no such path, collection, feature, layer or tile."},
	{"method_not_allowed", 405, "Method not allowed", "The address exists and does not take this method. The Allow header lists those it takes."},
	{"request_timeout", 408, "Request timeout", "The request took too long to arrive."},
	{"conflict", 409, "Conflict", "What is edited exists already, or is not at the version that the edit was based on; or a job has no answer yet."},
	{"precondition_failed", 412, "Precondition failed", "What is edited is no longer at the version in If-Match: somebody was faster. The ETag header has the one it is at; read it, and edit that."},
	{"too_large", 413, "Too large", "The request body, or the answer asked for, is over a limit. Ask for less: a smaller area, a lower resolution."},
	{"uri_too_long", 414, "Address too long", "The query is longer than 4,096 bytes, or 12,288 where there may be a filter."},
	{"unsupported_media_type", 415, "Unsupported media type", "The body is of a type that the operation does not read."},
	{"precondition_required", 428, "Precondition required", "An edit needs an If-Match header with the ETag of what it edits, so that nobody's work is overwritten unseen."},
	{"too_many_requests", 429, "Too many requests", "This address, or this account, has asked too often, or failed to sign in too often. Try again after the seconds in Retry-After."},
	{"headers_too_large", 431, "Request header too large", "The request line and headers together are over the limit."},
	{"internal", 500, "Internal error", "Our fault. The log has the details under the id in instance."},
	{"not_implemented", 501, "Not implemented", "The server does not know this method."},
	{"unavailable", 503, "Unavailable", "The database is away, or the data is still being loaded. Try again after the seconds in Retry-After; tiles, nearest and coverage answer from memory meanwhile."},
	{"timeout", 503, "Took too long", "The answer was not ready within the time allowed. Ask for less, or try again."},
	{"no_pages", 503, "Built without pages", "This binary was built without the web pages; the API works."},
}

// ofOperations tells whether operations of the API can answer so, and not pages only.
func (k kind) ofOperations() bool { return k.code != "no_pages" }

func kindOf(code string) kind {
	for _, k := range kinds {
		if k.code == code {
			return k
		}
	}
	return kindOf("internal")
}

func newProblem(code, detail string) *Problem {
	k := kindOf(code)
	return &Problem{Type: "/problems/" + k.code, Title: k.title, Status: k.status, Code: k.code, Detail: detail}
}

// invalidParameters makes the problem that lists the faults, or nil when there is none.
func invalidParameters(faults []Fault) error {
	switch len(faults) {
	case 0:
		return nil
	case 1:
		p := newProblem("invalid_parameter", faults[0].Location+" "+faults[0].Message)
		p.Errors = faults
		return p
	}
	p := newProblem("invalid_parameter", strconv.Itoa(len(faults))+" parameters are invalid")
	p.Errors = faults[:min(len(faults), maxFaults)]
	return p
}

func invalidParameter(location, message string) error {
	return invalidParameters([]Fault{{location, message}})
}

const maxFaults = 20

func unavailable(detail string, cause error) *Problem {
	p := newProblem("unavailable", detail)
	p.retryAfter, p.cause = retryWhenAway, cause
	return p
}

const retryWhenAway = 2 * time.Second

// problemOf maps any error to the problem that the client may see. Text of errors that are not meant for
// readers stays in the log.
func problemOf(err error) *Problem {
	var (
		problem *Problem
		domain  *yizhan.Error
		routing *fiber.Error
	)
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.Is(err, context.DeadlineExceeded):
		problem = newProblem("timeout", "the answer was not ready within the time allowed")
		problem.retryAfter = retryWhenAway
	case errors.As(err, &domain):
		problem = problemOfDomain(domain)
	case errors.As(err, &routing):
		problem = problemOfStatus(routing.Code)
	default:
		problem = newProblem("internal", "something went wrong on our side")
	}
	problem.cause = err
	return problem
}

func problemOfDomain(err *yizhan.Error) *Problem {
	codes := map[yizhan.ErrorCode]string{
		yizhan.CodeInvalid: "invalid_parameter", yizhan.CodeNotFound: "not_found", yizhan.CodeConflict: "conflict",
		yizhan.CodeForbidden: "forbidden", yizhan.CodeTooLarge: "too_large", yizhan.CodeUnavailable: "unavailable",
	}
	code, readable := codes[err.Code]
	if !readable {
		return newProblem("internal", "something went wrong on our side")
	}
	problem := newProblem(code, err.Message)
	problem.Conflicts, problem.Where = conflictReports(err.Conflicts), placesOf(err.Places)
	if err.Field != "" && code != "not_found" && code != "forbidden" {
		problem.Detail = err.Field + " " + err.Message
		problem.Errors = []Fault{{"query." + err.Field, err.Message}}
	}
	if code == "unavailable" {
		problem.retryAfter = retryWhenAway
	}
	return problem
}

// problemOfStatus is for errors of Fiber and fasthttp, whose text may quote the request.
func problemOfStatus(status int) *Problem {
	details := map[int]string{
		http.StatusBadRequest:                  "the request is not well-formed HTTP",
		http.StatusNotFound:                    "nothing is at this address; /api/ lists what there is",
		http.StatusMethodNotAllowed:            "this address does not take that method",
		http.StatusRequestTimeout:              "the request took too long to arrive",
		http.StatusRequestEntityTooLarge:       "the request body is larger than " + strconv.Itoa(bodyLimit) + " bytes; only changesets may be larger, a few at once",
		http.StatusUnsupportedMediaType:        "the body is of a type that this operation does not read",
		http.StatusRequestHeaderFieldsTooLarge: "the request line and headers together are larger than " + strconv.Itoa(headerLimit) + " bytes",
		http.StatusNotImplemented:              "the server does not know this method",
	}
	detail, known := details[status]
	switch {
	case known:
		for _, k := range kinds {
			if k.status == status && k.code != "invalid_parameter" {
				return newProblem(k.code, detail)
			}
		}
	case status == http.StatusUnprocessableEntity:
		return newProblem("invalid_parameter", "the request cannot be processed")
	case status >= 400 && status < 500:
		return newProblem("bad_request", "the request cannot be answered as it is")
	}
	return newProblem("internal", "something went wrong on our side")
}

// write sends the problem. It sets every header itself, because errors that fasthttp meets before
// routing have seen no middleware.
func (p *Problem) write(c *fiber.Ctx) error {
	id := requestID(c)
	answer := *p
	answer.Instance = "urn:yizhan:request:" + id
	body, err := json.Marshal(&answer)
	if err != nil {
		return err
	}
	response := c.Response()
	allow := string(response.Header.Peek(fiber.HeaderAllow))
	response.ResetBody()
	response.Header.Del(fiber.HeaderContentEncoding)
	response.Header.Del(fiber.HeaderETag)
	setSecurityHeaders(&response.Header)
	c.Set(headerRequestID, id)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if allow != "" {
		c.Set(fiber.HeaderAllow, allow)
	}
	if p.etag != "" {
		c.Set(fiber.HeaderETag, `"`+p.etag+`"`)
	}
	if p.retryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	c.Set(fiber.HeaderContentType, problemType)
	return c.Status(p.Status).Send(body)
}
