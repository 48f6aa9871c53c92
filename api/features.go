package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/cql2"
)

func routeItems[Page, Feature any](s *Server, c collection) {
	operation[browseInput, Page](s, browsable(huma.Operation{
		OperationID: "list-" + dashed(c.name), Path: c.path() + "/items", Tags: []string{"Features"},
		Summary: "Find " + c.singular + "s",
		Description: c.description + " In the order of their codes, or of `sortby`; follow the `next` link for more. Pages stay right while others edit: none is shown twice or left out for an edit elsewhere. " +
			"What may be asked for by `filter`, and of which type it is, is at `" + c.path() + "/queryables`.",
		Parameters: itemsParams(c),
		Metadata:   map[string]any{"media_type": geoJSONType},
		Responses:  map[string]*huma.Response{"200": {Description: "A page of features", Headers: contentCRSHeader()}},
	}), func(ctx context.Context, in *browseInput) (*reply, error) { return s.findItems(ctx, c, in) })
	operation[itemInput, Feature](s, browsable(huma.Operation{
		OperationID: "get-" + dashed(yizhan.Collection(c.singular)), Path: c.path() + "/items/{code}", Tags: []string{"Features"},
		Summary:     "One " + c.singular,
		Description: "The `ETag` is the version of the feature; with `If-None-Match` an unchanged one is 304.",
		Parameters:  []*huma.Param{crsParam("crs", "The coordinate reference system of the answer"), propertiesParam(c)},
		Errors:      []int{http.StatusNotFound},
		Metadata:    map[string]any{"media_type": geoJSONType},
		Responses:   map[string]*huma.Response{"200": {Description: "The feature", Headers: contentCRSHeader()}, "304": {Description: "Not changed"}},
	}), func(ctx context.Context, in *itemInput) (*reply, error) { return s.findItem(ctx, c, in) })
}

func contentCRSHeader() map[string]*huma.Param {
	return map[string]*huma.Param{headerContentCRS: {Description: "The coordinate reference system of the geometry, in angle brackets", Schema: &huma.Schema{Type: huma.TypeString}}}
}

const headerContentCRS = "Content-Crs"

const (
	defaultLimit = 100
	// maxFilterBytes bounds the filter in a query; cql2 bounds what is in it.
	maxFilterBytes = 10 << 10
)

func itemsParams(c collection) []*huma.Param {
	one, most, longest := 1.0, float64(yizhan.MaxLimit), maxFilterBytes
	common := []*huma.Param{
		bboxParam("Only features that meet this box, and those without a place"),
		{Name: "unit", Description: "Only features of the unit of this code, or below it", Schema: unitSchema()},
		{Name: "limit", Description: "Features a page", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &one, Maximum: &most, Default: defaultLimit}},
		{Name: "after", Description: "Where the page begins; comes in `next` links only", Schema: &huma.Schema{
			Type: huma.TypeString, Pattern: cursorPattern, PatternDescription: "a cursor from a next link"}},
		sortParam(c),
		{Name: "skip_geometry", Description: "Leave the geometry null", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: false}},
		{Name: "datetime", Description: datetimeHelp(c), Schema: &huma.Schema{Type: huma.TypeString}, Example: "2026-01-01T00:00:00Z/.."},
		propertiesParam(c),
		{Name: "filter", Description: "Only features for which this CQL2 condition is true; at most 500 parts, nested 32 deep", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest}, Example: filterExamples[c.name]},
		{Name: "filter-lang", Description: "The language of filter", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"cql2-text", "cql2-json"}, Default: "cql2-text"}},
		crsParam("filter-crs", "The coordinate reference system of geometry in filter"),
		crsParam("bbox-crs", "The coordinate reference system of bbox"),
		crsParam("crs", "The coordinate reference system of the answer"),
	}
	params := common
	for _, p := range c.filters {
		own := *p // those of the collection are shared by all who ask
		params = append(params, &own)
	}
	for _, p := range params {
		p.In = "query"
	}
	return params
}

var filterExamples = map[yizhan.Collection]string{
	yizhan.Units:          "level = 'banner' AND S_INTERSECTS(geometry, POINT(119.7364 49.2122))",
	yizhan.Stations:       "A_CONTAINS(services, ('water', 'heating')) AND confirmed_at >= DATE('2026-01-01')",
	yizhan.FriendlyScenes: "kind IN ('shopping', 'market')",
	yizhan.MicroGrids:     "households > 40 AND name LIKE '%1%'",
}

func datetimeHelp(c collection) string {
	if c.name == yizhan.Stations {
		return "Only stations last confirmed at this time or in this interval, such as 2026-01-01T00:00:00Z/.., and those never confirmed"
	}
	return "Of no effect here: these features are about no time, and such features are always found"
}

func bboxParam(description string) *huma.Param {
	no, four, six := false, 4, 6
	return &huma.Param{Name: "bbox", In: "query", Style: "form", Explode: &no, Description: description + ": west,south,east,north in degrees, WGS84. As six numbers each corner has a height, which chooses nothing",
		Schema:  &huma.Schema{Type: huma.TypeArray, MinItems: &four, MaxItems: &six, Items: &huma.Schema{Type: huma.TypeNumber}},
		Example: []float64{119.6, 49.1, 119.9, 49.3}}
}

// propertiesParam selects properties.
func propertiesParam(c collection) *huma.Param {
	p := anyOf("properties", memberNames(c.properties)...)
	p.In, p.Description = "query", "Only these properties, separated by commas; all when it is not given"
	return p
}

// memberNames lists the JSON names of a struct.
func memberNames(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// formOf reads how the features are to be written.
func formOf(query url.Values) form {
	f := form{crs: systems[0], skipGeometry: query.Get("skip_geometry") == "true"}
	if name := query.Get("crs"); name != "" {
		f.crs = crsOf(name)
	}
	if names := query.Get("properties"); names != "" {
		f.only = map[string]bool{}
		for _, name := range strings.Split(names, ",") {
			f.only[name] = true
		}
	}
	return f
}

// maxHTMLRows bounds a page for people.
const maxHTMLRows = 500

func (s *Server) findItems(ctx context.Context, c collection, in *browseInput) (*reply, error) {
	query, err := s.queryOf(c, in)
	if err != nil {
		return nil, err
	}
	form := formOf(in.query)
	if in.html {
		query.Limit, form.skipGeometry = min(query.Limit, maxHTMLRows), true
		query.SkipGeometry = true
	}
	done, err := s.makeLarge(ctx, query.Limit)
	if err != nil {
		return nil, err
	}
	defer done()
	page, err := s.search(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", c.name, err)
	}
	if in.html {
		return s.itemsPage(c, in, page)
	}
	body, err := s.appendPage(nil, c, in, page, form)
	if err != nil {
		return nil, err
	}
	return &reply{contentType: geoJSONType, body: body, volatile: true, owned: true, headers: form.headers()}, nil
}

func (f form) headers() map[string]string {
	return map[string]string{headerContentCRS: "<" + f.crs.uri + ">", fiber.HeaderVary: fiber.HeaderAccept}
}

func (s *Server) queryOf(c collection, in *browseInput) (query yizhan.Query, err error) {
	given := in.query
	query = yizhan.Query{Collection: c.name, Unit: given.Get("unit"), Limit: defaultLimit, SkipGeometry: given.Get("skip_geometry") == "true"}
	if limit := given.Get("limit"); limit != "" {
		if query.Limit, err = strconv.Atoi(limit); err != nil {
			return query, invalidParameter("query.limit", "is not a whole number")
		}
	}
	if box := given.Get("bbox"); box != "" {
		if query.BBox, err = parseBBoxIn(systemOf(given, "bbox-crs"), box, s.cityBound()); err != nil {
			return query, err
		}
	}
	query.Sort = sortOf(given)
	if after := given.Get("after"); after != "" {
		if err = continueAfter(&query, after, given); err != nil {
			return query, err
		}
	}
	if query.During, err = parsePeriod(given.Get("datetime")); err != nil {
		return query, err
	}
	if query.Where, err = parseFilter(c, given); err != nil {
		return query, err
	}
	for _, p := range c.filters {
		for _, value := range given[p.Name] {
			query.Filters = append(query.Filters, yizhan.Filter{Property: p.Name, Values: splitList(value)})
		}
	}
	return query, nil
}

// systemOf is the system that a parameter names, which was checked, or the default.
func systemOf(given url.Values, name string) *crs {
	if system := crsOf(given.Get(name)); system != nil {
		return system
	}
	return systems[0]
}

// parseFilter reads a filter and checks it against what may be asked of the collection; nil for none.
func parseFilter(c collection, given url.Values) (cql2.Expr, error) {
	text := given.Get("filter")
	if text == "" {
		for _, name := range []string{"filter-lang", "filter-crs"} {
			if given.Get(name) != "" {
				return nil, invalidParameter("query."+name, "is given without a filter")
			}
		}
		return nil, nil
	}
	parse := cql2.ParseText
	if given.Get("filter-lang") == "cql2-json" {
		parse = cql2.ParseJSON
	}
	where, err := parse(text)
	if err == nil {
		err = cql2.Check(where, yizhan.Queryables(c.name))
	}
	if err != nil {
		return nil, filterProblem(err)
	}
	return readIn(systemOf(given, "filter-crs"), where), nil
}

// filterProblem says what is wrong with a filter. What it quotes is made plain.
func filterProblem(err error) error {
	var fault *cql2.Fault
	if !errors.As(err, &fault) {
		return err
	}
	return invalidParameter("query.filter", plainText(fault.Error()))
}

const periodHelp = "is not a time such as 2026-02-17T12:30:00Z, or two with a slash between, of which one may be open: .."

// parsePeriod reads a time or an interval of OGC API Features; nil for none.
func parsePeriod(text string) (*yizhan.Period, error) {
	if text == "" {
		return nil, nil
	}
	from, until, isInterval := strings.Cut(text, "/")
	if !isInterval {
		until = from
	}
	start, err := parseEnd(from, isInterval)
	if err != nil {
		return nil, err
	}
	end, err := parseEnd(until, isInterval)
	if err != nil {
		return nil, err
	}
	if start.IsZero() && end.IsZero() {
		return nil, invalidParameter("query.datetime", "is open at both ends")
	}
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		return nil, invalidParameter("query.datetime", "ends before it begins")
	}
	return &yizhan.Period{Start: start, End: end}, nil
}

// parseEnd reads an end of an interval; zero is open.
func parseEnd(text string, mayBeOpen bool) (time.Time, error) {
	if mayBeOpen && (text == "" || text == "..") {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1)) // an unescaped + in a query is a space
	if err != nil || at.UTC().Year() < 1 || at.UTC().Year() > 9999 || at.IsZero() {
		return time.Time{}, invalidParameter("query.datetime", periodHelp)
	}
	return at, nil
}

func (s *Server) appendPage(dst []byte, c collection, in *browseInput, page yizhan.Page, form form) ([]byte, error) {
	o := object{buf: slices.Grow(dst, sizeOf(page, form.skipGeometry))}
	o.open()
	o.text("type", "FeatureCollection")
	o.integer("numberReturned", int64(len(page.Features)))
	o.instant("timeStamp", s.now())
	o.integer("seq", page.Seq)
	o.name("links")
	o.buf = appendLinks(o.buf, s.pageLinks(c, in, page))
	o.name("features")
	o.buf = append(o.buf, '[')
	for i, feature := range page.Features {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		var err error
		if o.buf, err = appendFeature(o.buf, feature, form); err != nil {
			return nil, err
		}
	}
	o.buf = append(o.buf, ']')
	o.close()
	return o.buf, nil
}

// pageLinks gives self, the page for people, and next with every parameter kept but the cursor.
func (s *Server) pageLinks(c collection, in *browseInput, page yizhan.Page) []Link {
	address := s.base(in.base) + c.path()
	links := []Link{
		{Rel: "self", Href: withQuery(address+"/items", in.query), Type: geoJSONType},
		{Rel: "alternate", Href: withFormat(withQuery(address+"/items", in.query), "html"), Type: mediaHTML},
		{Rel: "collection", Href: address, Type: mediaJSON},
	}
	if next := nextOf(in, page); next != nil {
		links = append(links, Link{Rel: "next", Href: withQuery(address+"/items", next), Type: geoJSONType})
	}
	return links
}

// nextOf is the query of the next page; nil for none.
func nextOf(in *browseInput, page yizhan.Page) url.Values {
	if !page.More || len(page.Features) == 0 {
		return nil
	}
	next := url.Values{}
	for name, values := range in.query {
		next[name] = values
	}
	last := page.Features[len(page.Features)-1].Ref().Code
	if sorted := next.Get("sortby"); sorted != "" {
		next.Set("after", encodeSortedCursor(sorted, page.Last, last))
	} else {
		next.Set("after", encodeCursor(last))
	}
	return next
}

func withQuery(address string, query url.Values) string {
	if len(query) == 0 {
		return address
	}
	return address + "?" + query.Encode()
}

func appendLinks(dst []byte, links []Link) []byte {
	return appendArray(dst, links, func(dst []byte, link Link) []byte {
		o := object{buf: dst}
		o.open()
		o.text("rel", link.Rel)
		o.text("href", link.Href)
		o.text("type", link.Type)
		o.close()
		return o.buf
	})
}

type itemInput struct {
	browseInput
	Code string `path:"code" doc:"The code of the feature" maxLength:"32" example:"150702"`
}

func (s *Server) findItem(ctx context.Context, c collection, in *itemInput) (*reply, error) {
	feature, err := s.feature(ctx, c, in.Code)
	if err != nil {
		return nil, err
	}
	if in.html {
		return s.itemPage(c, &in.browseInput, feature)
	}
	form := formOf(in.query)
	parent := s.base(in.base) + c.path()
	self := parent + "/items/" + in.Code
	form.links = append(selfLinks(withQuery(self, in.query), geoJSONType), Link{Rel: "collection", Href: parent, Type: mediaJSON})
	body, err := appendFeature(nil, feature, form)
	if err != nil {
		return nil, err
	}
	headers := form.headers()
	headers[fiber.HeaderLink] = "<" + self + `>; rel="self"; type="` + geoJSONType + `", <` + parent + `>; rel="collection"`
	return &reply{contentType: geoJSONType, body: body, owned: true, version: strconv.FormatInt(feature.At(), 10), headers: headers}, nil
}

// feature finds one, or says that there is none.
func (s *Server) feature(ctx context.Context, c collection, code string) (yizhan.Feature, error) {
	if !codePattern.MatchString(code) {
		return nil, notFound("there is no %s of this code", c.singular)
	}
	feature, err := s.options.Store.FindOne(ctx, yizhan.Ref{Collection: c.name, Code: code})
	if yizhan.CodeOf(err) == yizhan.CodeNotFound {
		return nil, notFound("there is no %s of code %s", c.singular, code)
	}
	if err != nil {
		return nil, fmt.Errorf("find %s %s: %w", c.singular, code, err)
	}
	return feature, nil
}
