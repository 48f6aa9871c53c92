package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Tables reads tables out of files; the package figures does.
type Tables interface {
	ReadFigures(file []byte, ask yizhan.TableAsk, city *yizhan.City) (*yizhan.FigureTable, error)
	ReadPlaces(file []byte, ask yizhan.TableAsk, city *yizhan.City) (*yizhan.PlaceTable, error)
}

// Patterns of the parameters that say how to read a table.
const (
	letterPattern = `^(-|[A-Z]{1,3})$`
	headerPattern = `^[0-9]{1,7}-[0-9]{1,7}$`
)

// TableInput says how to read a file. What it leaves out is found.
type TableInput struct {
	asked
	Sheet  string `query:"sheet" doc:"Of a workbook; else the first that is visible and has cells" maxLength:"100"`
	Header string `query:"header"`
	Name   string `query:"name"`
}

type figureTableInput struct {
	TableInput
	Code   string `query:"code"`
	Parent string `query:"parent"`
	Value  string `query:"value"`
	Level  string `query:"level" doc:"Of the units that the rows are about" enum:"banner,township,community"`
	Unit   string `query:"unit"`
}

type placeTableInput struct {
	TableInput
	Datum string `query:"datum" required:"true" doc:"The system of the coordinates: no file says so" enum:"wgs84,gcj02,bd09"`
	Lng   string `query:"lng"`
	Lat   string `query:"lat"`
	Kind  string `query:"kind"`
	Note  string `query:"note"`
}

// columnParams describes the head, and the columns with their roles.
func columnParams(roles ...string) []*huma.Param {
	params := []*huma.Param{{Name: "header", In: "query", Description: "First and last row of the head; 0-0 for a table without", Example: "3-4",
		Schema: &huma.Schema{Type: huma.TypeString, Pattern: headerPattern, PatternDescription: "two numbers of rows, such as 3-4"}}}
	for _, role := range roles {
		params = append(params, &huma.Param{Name: role, In: "query", Description: "Letter of the column taken for " + role + "; - for none", Example: "B",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: letterPattern, PatternDescription: "the letter of a column, or -"}})
	}
	return params
}

// TableReadingReport is what a file turned out to be.
type TableReadingReport struct {
	Format   string               `json:"format" enum:"csv,xlsx"`
	Encoding string               `json:"encoding" doc:"Of a text; empty for a workbook" example:"GB18030"`
	Sheet    string               `json:"sheet"`
	Sheets   []string             `json:"sheets" nullable:"false"`
	Header   []int                `json:"header" nullable:"false" doc:"First and last row of the head" example:"[3,4]"`
	Above    []string             `json:"above" nullable:"false" doc:"What is written over the head: a title, a unit, a date"`
	Columns  []TableColumnReport  `json:"columns" nullable:"false"`
	Roles    map[string]string    `json:"roles" doc:"Which column is taken for what, by its letter; empty for none"`
	Problems []TableProblemReport `json:"problems" nullable:"false" doc:"All of them, up to 1,000"`
}

// TableColumnReport is a column of a file.
type TableColumnReport struct {
	Letter string `json:"letter" example:"D"`
	Name   string `json:"name" example:"党组织 / 覆盖率"`
}

// TableProblemReport is something wrong in a file.
type TableProblemReport struct {
	Row    int    `json:"row" doc:"As a spreadsheet shows it; 0 for the whole table"`
	Column string `json:"column" doc:"Name of the column; empty for the whole row"`
	Why    string `json:"why"`
	WhyZh  string `json:"why_zh" doc:"The same in Chinese; empty where there are no words for it"`
}

// FigureTableReport is a table of figures, and which unit each row is about.
type FigureTableReport struct {
	TableReadingReport
	Level   yizhan.Level      `json:"level" enum:"banner,township,community"`
	Percent bool              `json:"percent" doc:"The values are written with per cent signs and given as fractions"`
	Rows    []FigureRowReport `json:"rows" nullable:"false"`
}

// FigureRowReport is a row of a table of figures.
type FigureRowReport struct {
	Row        int                    `json:"row" doc:"As a spreadsheet shows it"`
	Code       string                 `json:"code"`
	Name       string                 `json:"name"`
	Parent     string                 `json:"parent"`
	Text       string                 `json:"text" doc:"The value as it is written"`
	Value      *float64               `json:"value" doc:"Null for no data, and where it has a problem"`
	Match      yizhan.RowMatch        `json:"match" enum:"code,name,similar,ambiguous,unknown,total,other_level,repeated" doc:"code, name and similar are of use as they are; the others are for a person to settle or to leave out"`
	Unit       maybe[TableUnitReport] `json:"unit" doc:"That the row is about, as far as it is known"`
	Candidates []TableUnitReport      `json:"candidates" nullable:"false" doc:"Units that it may be about"`
}

// TableUnitReport is a unit that a row may be about.
type TableUnitReport struct {
	Code string `json:"code" example:"150702001"`
	Name string `json:"name" doc:"With those above it" example:"海拉尔区 正阳街道"`
}

// PlaceTableReport is a table of places.
type PlaceTableReport struct {
	TableReadingReport
	Rows []PlaceRowReport `json:"rows" nullable:"false" doc:"Those without a problem"`
}

// PlaceRowReport is a row of a table of places.
type PlaceRowReport struct {
	Row int `json:"row" doc:"As a spreadsheet shows it"`
	PlaceBody
}

// maxTableProblems bounds the problems that an answer names.
const maxTableProblems = 1_000

func (s *Server) routeTables() {
	reads := func(id, path, tag, summary, description string) huma.Operation {
		op := layerOp(http.MethodPost, id, path, tag, summary, description)
		binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		op.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself, at most " + strconv.Itoa(bodyLimit) + " bytes",
			Content: map[string]*huma.MediaType{"application/octet-stream": binary, "text/csv": binary, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": binary}}
		op.Errors = append(op.Errors, http.StatusRequestEntityTooLarge)
		return op
	}
	figures := reads("read-indicator-table", indicatorsPath+"/read", "Indicators", "Read a file of figures",
		"CSV in UTF-8, UTF-16 or GB18030, or XLSX. Nothing is kept: the answer says which unit each row is about and what is wrong, and its values can be sent to POST /api/indicators. "+
			"Units are found by code, then by name within the unit above; what may mean several is left to a person.")
	figures.Parameters = append(columnParams(yizhan.ColumnName, yizhan.ColumnCode, yizhan.ColumnParent, yizhan.ColumnValue), unitParam("Only units of the one with this code"))
	operation[figureTableInput, FigureTableReport](s, figures, s.readFigures)
	places := reads("read-place-table", placesPath+"/read", "Places", "Read a file of places",
		"CSV in UTF-8, UTF-16 or GB18030, or XLSX, with a longitude and a latitude in degrees. Nothing is kept: the answer has the places in WGS84, to be sent to POST /api/places, and what is wrong.")
	places.Parameters = columnParams(yizhan.ColumnName, yizhan.ColumnLng, yizhan.ColumnLat, yizhan.ColumnKind, yizhan.ColumnNote)
	operation[placeTableInput, PlaceTableReport](s, places, s.readPlaces)
}

// ask is what the parameters say of a file.
func (in *TableInput) ask(columns map[string]string) yizhan.TableAsk {
	ask := yizhan.TableAsk{Sheet: in.Sheet, Columns: columns}
	columns[yizhan.ColumnName] = in.Name
	if first, last, given := strings.Cut(in.Header, "-"); given {
		var rows [2]int
		rows[0], _ = strconv.Atoi(first) // the pattern lets digits through only
		rows[1], _ = strconv.Atoi(last)
		ask.Header = &rows
	}
	return ask
}

// file is the body, for whoever may add layers anywhere.
func (s *Server) file(c *fiber.Ctx) ([]byte, *yizhan.City, error) {
	if s.options.Tables == nil {
		return nil, nil, unavailable("this server reads no tables", nil)
	}
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return nil, nil, newProblem("unsupported_media_type", "the body is compressed; send it as it is")
	}
	city, err := s.loadedCity()
	return c.Request().Body(), city, err
}

func (s *Server) readFigures(ctx context.Context, in *figureTableInput) (*reply, error) {
	file, city, err := s.file(in.c)
	if err != nil {
		return nil, err
	}
	ask := in.ask(map[string]string{yizhan.ColumnCode: in.Code, yizhan.ColumnParent: in.Parent, yizhan.ColumnValue: in.Value})
	ask.Level, ask.Unit = yizhan.Level(in.Level), in.Unit
	done, err := s.makeLarge(ctx, largePage+1)
	if err != nil {
		return nil, err
	}
	defer done()
	read, err := s.options.Tables.ReadFigures(file, ask, city)
	if err != nil {
		return nil, fmt.Errorf("read a table of figures: %w", err)
	}
	report := FigureTableReport{TableReadingReport: reportReading(&read.TableReading), Level: read.Level, Percent: read.Percent, Rows: []FigureRowReport{}}
	for i := range read.Rows {
		report.Rows = append(report.Rows, reportFigureRow(&read.Rows[i], city))
	}
	return ofAsker(report, 0)
}

func (s *Server) readPlaces(ctx context.Context, in *placeTableInput) (*reply, error) {
	file, city, err := s.file(in.c)
	if err != nil {
		return nil, err
	}
	ask := in.ask(map[string]string{yizhan.ColumnLng: in.Lng, yizhan.ColumnLat: in.Lat, yizhan.ColumnKind: in.Kind, yizhan.ColumnNote: in.Note})
	ask.Datum = yizhan.Datum(in.Datum)
	done, err := s.makeLarge(ctx, largePage+1)
	if err != nil {
		return nil, err
	}
	defer done()
	read, err := s.options.Tables.ReadPlaces(file, ask, city)
	if err != nil {
		return nil, fmt.Errorf("read a table of places: %w", err)
	}
	report := PlaceTableReport{TableReadingReport: reportReading(&read.TableReading), Rows: []PlaceRowReport{}}
	for _, r := range read.Rows {
		report.Rows = append(report.Rows, PlaceRowReport{r.Row, PlaceBody{Name: r.Place.Name, Kind: r.Place.Kind, Note: r.Place.Note, Location: Position(r.Place.Location)}})
	}
	return ofAsker(report, 0)
}

func reportReading(r *yizhan.TableReading) TableReadingReport {
	report := TableReadingReport{Format: r.Format, Encoding: r.Encoding, Sheet: r.Sheet, Sheets: append([]string{}, r.Sheets...), Header: r.Header[:],
		Above: append([]string{}, r.Above...), Columns: []TableColumnReport{}, Roles: r.Roles, Problems: []TableProblemReport{}}
	for _, c := range r.Columns {
		report.Columns = append(report.Columns, TableColumnReport(c))
	}
	for _, p := range r.Problems[:min(len(r.Problems), maxTableProblems)] {
		report.Problems = append(report.Problems, TableProblemReport{p.Row, p.Column, p.Why, importers.Chinese(p.Why)})
	}
	return report
}

func reportFigureRow(r *yizhan.FigureRow, city *yizhan.City) FigureRowReport {
	report := FigureRowReport{Row: r.Row, Code: r.Code, Name: r.Name, Parent: r.Parent, Text: r.Text, Value: r.Value, Match: r.Match, Candidates: []TableUnitReport{}}
	if r.Unit != "" {
		unit := reportTableUnit(r.Unit, city)
		report.Unit.value = &unit
	}
	for _, code := range r.Candidates {
		report.Candidates = append(report.Candidates, reportTableUnit(code, city))
	}
	return report
}

// reportTableUnit names a unit with those above it but the city, which tell units of one name apart.
func reportTableUnit(code string, city *yizhan.City) TableUnitReport {
	var names []string
	for unit := city.Units[code]; unit != nil && (unit.Level != yizhan.LevelCity || unit.Code == code); unit = city.Units[unit.Parent] {
		names = append([]string{unit.Name}, names...)
	}
	return TableUnitReport{Code: code, Name: strings.Join(names, " ")}
}
