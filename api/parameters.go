package api

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
)

// checkParameters holds the query against what the operation declares, before huma reads it: huma takes
// the first of two values, lets NaN through, and quotes what it was sent. The OpenAPI document and this
// check cannot disagree, because the one is made from the other.
func checkParameters(ctx huma.Context, next func(huma.Context)) {
	c := humafiber.UnwrapV2(ctx)
	if err := checkQuery(c, ctx.Operation()); err != nil {
		c.Locals(localError, err)
		return
	}
	next(ctx)
}

func checkQuery(c *fiber.Ctx, op *huma.Operation) error {
	raw := c.Context().URI().QueryString()
	limit := queryLimit
	if slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == "filter" || p.Name == "what_if" }) {
		limit = filterQueryLimit
	}
	if len(raw) > limit {
		return newProblem("uri_too_long", fmt.Sprintf("the query has %d bytes; %d are allowed", len(raw), limit))
	}
	if !wellEscaped(raw) {
		return invalidParameter("query", "is not percent-encoded UTF-8")
	}
	given := map[string][]string{}
	var order []string
	for name, value := range c.Context().QueryArgs().All() {
		if _, again := given[string(name)]; !again {
			order = append(order, string(name))
		}
		given[string(name)] = append(given[string(name)], string(value))
	}
	return invalidParameters(faultsOf(op, given, order))
}

func faultsOf(op *huma.Operation, given map[string][]string, order []string) []Fault {
	declared := map[string]*huma.Param{}
	var names []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			declared[p.Name] = p
			names = append(names, p.Name)
		}
	}
	var faults []Fault
	for _, name := range order {
		p := declared[name]
		if p == nil {
			faults = append(faults, Fault{"query." + printable(name), unknownParameter(names)})
			continue
		}
		if message := checkValues(p, given[name]); message != "" {
			faults = append(faults, Fault{"query." + name, message})
		}
	}
	for _, name := range names {
		if declared[name].Required && given[name] == nil {
			faults = append(faults, Fault{"query." + name, "is required"})
		}
	}
	return faults
}

func unknownParameter(known []string) string {
	if len(known) == 0 {
		return "is unknown; there are no parameters here"
	}
	return "is unknown; known are " + strings.Join(known, ", ")
}

// printable keeps an echoed name short and plain.
func printable(name string) string {
	const longest = 40
	var kept strings.Builder
	for _, r := range name {
		if kept.Len() >= longest {
			return kept.String() + "…"
		}
		if r < ' ' || r == utf8.RuneError || strings.ContainsRune(`<>"'&`, r) {
			r = '?'
		}
		kept.WriteRune(r)
	}
	return kept.String()
}

func checkValues(p *huma.Param, values []string) string {
	schema := p.Schema
	if schema.Type != huma.TypeArray {
		if len(values) > 1 {
			return "is given more than once"
		}
		return checkScalar(schema, values[0])
	}
	items := values
	if p.Explode == nil || !*p.Explode {
		if len(values) > 1 {
			return "is given more than once; separate values by commas"
		}
		items = strings.Split(values[0], ",")
	}
	if schema.MinItems != nil && schema.MaxItems != nil && *schema.MinItems == *schema.MaxItems && len(items) != *schema.MinItems {
		return fmt.Sprintf("has %d values; it takes %d, separated by commas", len(items), *schema.MinItems)
	}
	if schema.MaxItems != nil && len(items) > *schema.MaxItems {
		return fmt.Sprintf("has %d values; %d are allowed", len(items), *schema.MaxItems)
	}
	for _, item := range items {
		if message := checkScalar(schema.Items, item); message != "" {
			return message
		}
	}
	return ""
}

func checkScalar(schema *huma.Schema, value string) string {
	switch {
	case value == "":
		return "is empty"
	case schema.Type == huma.TypeInteger:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || !inRange(schema, float64(n)) {
			return "is not a whole number" + rangeText(schema)
		}
	case schema.Type == huma.TypeNumber:
		x, err := parseFinite(value)
		if err != nil || !inRange(schema, x) {
			return "is not a number" + rangeText(schema)
		}
	case schema.Type == huma.TypeBoolean:
		if value != "true" && value != "false" {
			return "is neither true nor false"
		}
	default:
		return checkText(schema, value)
	}
	return ""
}

func checkText(schema *huma.Schema, value string) string {
	switch {
	case schema.MaxLength != nil && utf8.RuneCountInString(value) > *schema.MaxLength:
		return fmt.Sprintf("is longer than %d characters", *schema.MaxLength)
	case len(schema.Enum) > 0 && !slices.Contains(schema.Enum, any(value)):
		names := make([]string, len(schema.Enum))
		for i, allowed := range schema.Enum {
			names[i] = fmt.Sprint(allowed)
		}
		return "is not one of " + strings.Join(names, ", ")
	case schema.Pattern != "" && !patterns[schema.Pattern].MatchString(value):
		return "is not " + schema.PatternDescription
	}
	return ""
}

// patterns are compiled when operations are registered, and only read afterwards.
var patterns = map[string]*regexp.Regexp{
	unitPattern:     regexp.MustCompile(unitPattern),
	cursorPattern:   regexp.MustCompile(cursorPattern),
	servicesPattern: regexp.MustCompile(servicesPattern),
	instantPattern:  regexp.MustCompile(instantPattern),
	datePattern:     regexp.MustCompile(datePattern),
	scenarioPattern: regexp.MustCompile(scenarioPattern),
	weightPattern:   regexp.MustCompile(weightPattern),
	idsPattern:      regexp.MustCompile(idsPattern),
	whatIfPattern:   regexp.MustCompile(whatIfPattern),
	cellPattern:     regexp.MustCompile(cellPattern),
	letterPattern:   regexp.MustCompile(letterPattern),
	headerPattern:   regexp.MustCompile(headerPattern),
}

// parseFinite reads a decimal number. Hexadecimal, underscores, NaN and infinities are refused.
func parseFinite(text string) (float64, error) {
	for i := range len(text) {
		if b := text[i]; (b < '0' || b > '9') && !strings.ContainsRune("+-.eE", rune(b)) {
			return 0, strconv.ErrSyntax
		}
	}
	x, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
		return 0, strconv.ErrRange
	}
	return x, err
}

func inRange(schema *huma.Schema, x float64) bool {
	return (schema.Minimum == nil || x >= *schema.Minimum) && (schema.Maximum == nil || x <= *schema.Maximum)
}

func rangeText(schema *huma.Schema) string {
	switch {
	case schema.Minimum != nil && schema.Maximum != nil:
		return fmt.Sprintf(" from %s to %s", plain(*schema.Minimum), plain(*schema.Maximum))
	case schema.Minimum != nil:
		return " of at least " + plain(*schema.Minimum)
	case schema.Maximum != nil:
		return " of at most " + plain(*schema.Maximum)
	}
	return ""
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// wellEscaped tells whether the query is percent-encoded UTF-8.
func wellEscaped(query []byte) bool {
	decoded := make([]byte, 0, len(query))
	for i := 0; i < len(query); i++ {
		if query[i] != '%' {
			decoded = append(decoded, query[i])
			continue
		}
		if i+2 >= len(query) {
			return false
		}
		b, err := strconv.ParseUint(string(query[i+1:i+3]), 16, 8)
		if err != nil || b == 0 {
			return false
		}
		decoded = append(decoded, byte(b))
		i += 2
	}
	return utf8.Valid(decoded)
}

// notFound is the problem for something that does not exist.
func notFound(format string, args ...any) error {
	return newProblem("not_found", fmt.Sprintf(format, args...))
}
