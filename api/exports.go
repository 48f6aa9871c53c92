package api

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/feed/views"
)

const (
	formatJSON    = "json"
	formatParquet = "parquet"
)

// exporters lets only those pass who may take a table away, if one is asked for. All that is in one is public,
// so that it does not matter where they may.
func (s *Server) exporters(ctx huma.Context, next func(huma.Context)) {
	if format := ctx.Query("format"); format != "" && format != formatJSON && format != formatGeoJSON {
		c := humafiber.UnwrapV2(ctx)
		if err := s.may(c, yizhan.ActExport, ""); err != nil {
			c.Locals(localError, err)
			return
		}
	}
	next(ctx)
}

// formatParam describes the parameter format; others come before those of tables.
func formatParam(others ...string) *huma.Param {
	names := append([]string{formatJSON}, others...)
	for _, format := range exports.Formats() {
		names = append(names, format.Name)
	}
	return &huma.Param{Name: "format", In: "query", Schema: oneOf(formatJSON, names...),
		Description: "JSON, or, for those whose role allows it, a table to take away: csv for programs, excel-csv for a double click in Excel, xlsx, or parquet (GeoParquet 1.1 with the H3 index as a number)"}
}

// addExports describes the tables among the forms of an answer.
func addExports(responses map[string]*huma.Response) {
	response := responses["200"]
	if response.Content == nil {
		response.Content = map[string]*huma.MediaType{}
	}
	for _, format := range exports.Formats() {
		name, _, err := mime.ParseMediaType(format.MediaType)
		if err != nil {
			panic(err) // a constant of ours; a test makes every server
		}
		response.Content[name] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	response.Headers["Content-Disposition"] = &huma.Param{Description: "The name of the file, if the answer is one", Schema: &huma.Schema{Type: huma.TypeString}}
}

// table is what is exported, and what the file is called: plain for old programs, and for people.
type table struct {
	exports.Table
	plainName string
}

// export answers with a table. It is made in memory, where its size is bounded as that of the answer in JSON
// is; who calls it has a turn to make something large.
func (s *Server) export(formatName string, basis views.Basis, t table) (*reply, error) {
	format, err := exports.FormatOf(formatName)
	if err != nil {
		return nil, fmt.Errorf("a format that was offered: %w", err)
	}
	t = inCounts(t, basis.Counted)
	t.About = append(s.factsOf(basis), t.About...)
	var body bytes.Buffer
	if err := format.Write(&body, t.Table); err != nil {
		return nil, err
	}
	suffix := "-seq" + strconv.FormatInt(basis.Seq, 10) + format.Extension
	answer := s.aged(&reply{contentType: format.MediaType, body: body.Bytes(), owned: true}, basis.Seq)
	answer.headers[fiber.HeaderCacheControl] = "private, no-cache" // a proxy would hand it to who may not have it
	answer.headers[fiber.HeaderContentDisposition] = attachment(t.plainName+suffix, t.Name+suffix)
	return answer, nil
}

// attachment is a Content-Disposition (RFC 6266) with a name in ASCII, and the one for people (RFC 8187).
func attachment(plain, name string) string {
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// factsOf says what a table rests on, so that its figures can be found again.
func (s *Server) factsOf(basis views.Basis) []exports.Fact {
	m := modelReportOf(basis.Model, basis.Counted)
	facts := []exports.Fact{{Label: "数据变更号 seq", Text: strconv.FormatInt(basis.Seq, 10)}}
	if name := basis.Scenario; name != nil && name.ID != "" {
		facts = append(facts, exports.Fact{Label: "情景 scenario", Text: fmt.Sprintf("%s (%s, version %d)", name.Name, name.ID, name.Version)})
	}
	facts = append(facts, countedFacts(basis.Counted)...)
	add := func(label, text string) { facts = append(facts, exports.Fact{Label: label, Text: text}) }
	add("方式 mode", m.Mode)
	add("半径（米） radius_m", plain(m.RadiusM))
	if m.Minutes != nil {
		add("分钟 minutes", plain(*m.Minutes))
	}
	add("实际可达（米） reach_m", plain(m.ReachM))
	add("服务 services", servicesText(basis.Model.Services))
	add("组合规则 rule", m.Rule)
	if m.Quarter != nil {
		add("时刻（每周第几个一刻钟） quarter", strconv.Itoa(*m.Quarter))
	}
	if m.Week != nil {
		add("周 week", *m.Week)
	}
	add("时段权重 profile", cmp.Or(valueOf(m.Profile), "-"))
	if m.TemperatureC != nil {
		add("气温（℃） temperature_c", plain(*m.TemperatureC))
	}
	add("网格级别 h3_resolution", strconv.Itoa(m.H3Resolution))
	add("距离 distance", m.Distance)
	add("需求 demand", m.Demand)
	for _, a := range s.options.Attribution {
		add("数据来源 attribution", strings.TrimSpace(a.Text+" "+a.URL))
	}
	return facts
}

// rowsOf makes rows of a list.
func rowsOf[T any](list []T, row func(int, T) []exports.Value) iter.Seq2[[]exports.Value, error] {
	return func(yield func([]exports.Value, error) bool) {
		for i, item := range list {
			if !yield(row(i, item), nil) {
				return
			}
		}
	}
}

// floatOrNull is a measure that may not be there.
func floatOrNull(x *float64) exports.Value {
	if x = finite(x); x == nil {
		return exports.Null()
	}
	return exports.Float(*x)
}
