package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/takeaway"
)

// A file of features is made on disk, and no reader of the database waits for a slow client. One of text that takes a
// while is sent as it is written, and broken off without its last chunk where something goes wrong; all others are
// sent whole. How many are made and sent is bounded.
const (
	exportsMade  = 2
	exportsSent  = 16
	exportTime   = 5 * time.Minute
	exportWait   = 20 * time.Second // for a turn
	exportsAgain = 10 * time.Second // when there was none
)

// headerRows tells how many features are in the file.
const headerRows = "X-Yizhan-Rows"

// fileTurns are the places of files that are being made and sent.
type fileTurns struct{ made, sent chan struct{} }

func newFileTurns() fileTurns {
	return fileTurns{make(chan struct{}, exportsMade), make(chan struct{}, exportsSent)}
}

func (s *Server) routeExports() {
	for _, c := range collections() {
		s.routeExport(c)
	}
	s.routeTileExport()
	s.router.get("/api/exports/:c", func(*fiber.Ctx) error {
		return notFound("there is no such collection; there are units, stations, friendly_scenes and micro_grids")
	})
}

func (s *Server) routeExport(c collection) {
	params := exportParams(c)
	filters := filterNames(params)
	op := huma.Operation{
		OperationID: "export-" + dashed(c.name), Path: "/api/exports/" + string(c.name), Tags: []string{"Exports"},
		Summary: "A file of " + c.singular + "s to take away",
		Description: "All of them, or those that the filters leave, from one state of the city, in the order of their codes: the same data gives the same bytes. " +
			"The reference of the coordinates stands in the file and in its name. Importing the file again changes nothing. For people and tokens with the right to export.",
		Parameters: params,
		Errors:     []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{}, Headers: map[string]*huma.Param{
			"Content-Disposition": {Description: "What the file is called", Schema: &huma.Schema{Type: huma.TypeString}},
			headerRows:            {Description: "How many features are in it; left out where the file is sent as it is written", Schema: &huma.Schema{Type: huma.TypeInteger}},
			headerSeq:             {Description: "The change of the log that it is up to", Schema: &huma.Schema{Type: huma.TypeInteger}},
		}}},
	}
	for _, format := range takeaway.Formats() {
		name, _, err := mime.ParseMediaType(format.MediaType)
		if err != nil {
			panic(err) // a constant of ours; a test makes every server
		}
		schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		if name == geoJSONType {
			schema = &huma.Schema{Type: huma.TypeObject, Description: "A FeatureCollection"}
		}
		op.Responses["200"].Content[name] = &huma.MediaType{Schema: schema}
	}
	s.described(op, func(ctx *fiber.Ctx) error { return s.sendExport(ctx, c, filters) })
}

// filterNames are the parameters that say which features, for the file to tell.
func filterNames(params []*huma.Param) []string {
	var names []string
	for _, p := range params[3:] { // after format, datum and outlines
		names = append(names, p.Name)
	}
	return names
}

// exportParams are the filters of items, and what kind of file it is to be.
func exportParams(c collection) []*huma.Param {
	var formats []string
	for _, f := range takeaway.Formats() {
		formats = append(formats, f.Name)
	}
	var references []any
	for _, r := range geo.References() {
		references = append(references, r.Name)
	}
	params := []*huma.Param{
		{Name: "format", In: "query", Required: true, Schema: oneOf("", formats...),
			Description: "geojson, geojsonseq; csv for programs, excel-csv for a double click in Excel, xlsx; gpkg (GeoPackage); flatgeobuf (stations and micro_grids); shapefile (units and micro_grids, zipped); parquet (GeoParquet 1.1 with H3 cells)"},
		{Name: "datum", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: references, Default: "wgs84"},
			Description: "What the coordinates are in: wgs84; cgcs2000 (EPSG:4490); a zone of it by its EPSG code, such as cgcs2000-4528; gcj02 (Amap, Tencent); bd09 (Baidu)"},
		{Name: "outlines", In: "query", Schema: oneOf("", string(takeaway.WithOutlines), string(takeaway.WithoutOutlines)),
			Description: "Whether a table of areas has their outlines, as WKT. If not given, csv has and excel-csv and xlsx have not"},
	}
	for _, p := range itemsParams(c) {
		switch p.Name {
		case "limit", "after", "skip_geometry", "properties", "crs", "sortby":
		default:
			params = append(params, p)
		}
	}
	return params
}

// sendExport makes the file and hands it to Fiber: whole, or, where it takes a while, as it is written.
func (s *Server) sendExport(c *fiber.Ctx, of collection, filters []string) error {
	_, query := addressed(c)
	made, err := s.makeExport(of, query, filters, c.Request().Header.IsHTTP11() && !c.Request().Header.IsHead())
	if err != nil {
		return err
	}
	if made.isKnown {
		c.Set(headerRows, strconv.FormatInt(made.Rows, 10))
	}
	sendFile(c, made)
	return nil
}

func sendFile(c *fiber.Ctx, made *sentFile) {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, made.MediaType)
	c.Set(fiber.HeaderContentDisposition, attachment(made.PlainName, made.Name))
	c.Set(headerSeq, strconv.FormatInt(made.Seq, 10))
	size := -1 // not known: it ends with its last chunk, or without one if something goes wrong
	if made.isKnown {
		size = int(made.Bytes)
	}
	c.Response().SetBodyStream(made, size)
}

// sentFile is a file on its way, which is closed by fasthttp when it is sent, or cannot be.
type sentFile struct {
	takeaway.File
	io.Reader
	isKnown bool // how large it is
	close   func() error
	once    sync.Once
}

// Close gives its place back.
func (f *sentFile) Close() (err error) {
	f.once.Do(func() { err = f.close() })
	return err
}

// makeExport makes the file, which has no name on disk when it is given back, or begins to.
func (s *Server) makeExport(of collection, given url.Values, filters []string, mayStream bool) (*sentFile, error) {
	wanted, err := s.exportOf(of, given, filters)
	if err != nil {
		return nil, err
	}
	made, err := s.inTurn(func(ctx context.Context, leaveMade func()) (*sentFile, error) {
		if mayStream && wanted.CanStream() {
			return s.streamExport(ctx, wanted, leaveMade)
		}
		defer leaveMade()
		return s.wholeExport(ctx, wanted)
	})
	if err != nil {
		return nil, asQueryFault(fmt.Errorf("export %s: %w", of.name, err))
	}
	return made, nil
}

// inTurn has a file made once there are places for making and sending it, within the time of files, as the deadline of
// requests is too short. Whoever makes it leaves the first place once it is made, or cannot be.
func (s *Server) inTurn(makeFile func(ctx context.Context, leaveMade func()) (*sentFile, error)) (made *sentFile, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, exportTime)
	leaveSent, err := turn(ctx, s.files.sent)
	if err != nil {
		cancel()
		return nil, err
	}
	defer func() {
		if made == nil { // in a panic, too
			leaveSent()
			cancel()
		}
	}()
	leaveMade, err := turn(ctx, s.files.made)
	if err != nil {
		return nil, err
	}
	if made, err = makeFile(ctx, leaveMade); err != nil {
		return nil, err
	}
	closeFile := made.close
	made.close = func() error { defer leaveSent(); defer cancel(); return closeFile() }
	return made, nil
}

func (s *Server) wholeExport(ctx context.Context, wanted takeaway.Wanted) (*sentFile, error) {
	made, err := takeaway.Write(ctx, s.options.Files, wanted, s.options.Store)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(made.Path)
	if err = errors.Join(err, os.Remove(made.Path)); err != nil {
		return nil, err
	}
	return &sentFile{File: made, Reader: file, isKnown: true, close: file.Close}, nil
}

func (s *Server) streamExport(ctx context.Context, wanted takeaway.Wanted, leaveMade func()) (*sentFile, error) {
	stream, err := takeaway.WriteAhead(ctx, s.options.Files, wanted, s.options.Store)
	if err != nil {
		leaveMade()
		return nil, err
	}
	go func() {
		<-stream.Done()
		leaveMade()
	}()
	return &sentFile{File: stream.File, Reader: s.logged(stream), isKnown: stream.Known, close: stream.Close}, nil
}

// logged notes why a stream breaks off: nobody is told but by its end.
func (s *Server) logged(stream *takeaway.Stream) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		n, err := stream.Read(p)
		if err != nil && !errors.Is(err, io.EOF) {
			s.options.Logger.Error("a file broke off while it was sent", "error", err)
		}
		return n, err
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// turn waits for a place, a while.
func turn(ctx context.Context, places chan struct{}) (leave func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-time.After(exportWait):
		busy := unavailable("too many files are being made; try again", nil)
		busy.retryAfter = exportsAgain
		return nil, busy
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to make a file: %w", ctx.Err())
	}
}

// asQueryFault names the parameter that a rule of files was broken by.
func asQueryFault(err error) error {
	var domain *yizhan.Error
	if errors.As(err, &domain) && domain.Code == yizhan.CodeInvalid {
		switch domain.Field {
		case "format", "datum", "outlines":
			return invalidParameter("query."+domain.Field, domain.Message)
		}
	}
	return err
}

// exportOf reads what is wanted.
func (s *Server) exportOf(of collection, given url.Values, filters []string) (takeaway.Wanted, error) {
	query, err := s.queryOf(of, &browseInput{query: given})
	if err != nil {
		return takeaway.Wanted{}, err
	}
	wanted := takeaway.Wanted{Query: query, Format: given.Get("format"), Outlines: takeaway.Outlines(given.Get("outlines"))}
	if name := given.Get("datum"); name != "" {
		wanted.Reference, _ = geo.ReferenceOf(name) // checked against the list
	}
	for _, name := range filters {
		if value := given.Get(name); value != "" {
			wanted.About = append(wanted.About, exports.Fact{Label: "条件 " + name, Text: plainText(value)})
		}
	}
	for _, a := range s.options.Attribution {
		wanted.About = append(wanted.About, exports.Fact{Label: "数据来源 attribution", Text: a.Text + " " + a.URL})
	}
	return wanted, asQueryFault(wanted.Check())
}
