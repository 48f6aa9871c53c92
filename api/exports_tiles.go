package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/takeaway"
	"github.com/yizhan/yizhan/tiles"
	"github.com/yizhan/yizhan/tiles/archive"
)

// An archive of tiles is made of the state of the city at one moment, by what the command uses, and takes the turns that
// files of features take.
const (
	archiveTiles   = 400_000 // at most: a prefecture has a quarter of a million to zoom 14
	archiveMaxZoom = 14      // clients enlarge its tiles beyond
	archiveType    = "application/vnd.pmtiles"
)

func (s *Server) routeTileExport() {
	s.described(huma.Operation{
		OperationID: "export-pmtiles", Path: "/api/exports/pmtiles", Tags: []string{"Exports"},
		Summary:     "The map as an archive of tiles to take away",
		Description: "PMTiles, version 3, which MapLibre reads from any web server or disk, of one state of the city: the same data gives the same bytes. Made for looking at; it cannot be imported again. For people and tokens with the right to export.",
		Parameters:  archiveParams(),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable},
		Responses: map[string]*huma.Response{"200": {Description: "The file",
			Content: map[string]*huma.MediaType{archiveType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}, Headers: map[string]*huma.Param{
				"Content-Disposition": {Description: "What the file is called", Schema: &huma.Schema{Type: huma.TypeString}},
				headerSeq:             {Description: "The change of the log that it is up to", Schema: &huma.Schema{Type: huma.TypeInteger}},
			}}},
	}, s.sendArchive)
}

func archiveParams() []*huma.Param {
	zero, most := 0.0, float64(archiveMaxZoom)
	zoom := func(name, description string, usual int) *huma.Param {
		return &huma.Param{Name: name, Description: description, Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &zero, Maximum: &most, Default: usual}}
	}
	layers := anyOf("layers", archive.Usual()...)
	layers.Description = "Layers, separated by commas; all if not given"
	params := []*huma.Param{layers, datumParam(),
		zoom("minzoom", "The first zoom", 0), zoom("maxzoom", "The last zoom; clients enlarge its tiles beyond", archiveMaxZoom),
		{Name: "unit", Description: "Only tiles that meet the box of the unit of this code", Schema: unitSchema()},
		bboxParam("Only tiles that meet this box"),
	}
	for _, p := range params {
		p.In = "query"
	}
	return params
}

func (s *Server) sendArchive(c *fiber.Ctx) error {
	_, given := addressed(c)
	wanted, err := s.archiveOf(given)
	if err != nil {
		return err
	}
	made, err := s.inTurn(func(ctx context.Context, leaveMade func()) (*sentFile, error) {
		defer leaveMade()
		return s.makeArchive(ctx, wanted, given.Get("unit"))
	})
	if err != nil {
		return err
	}
	sendFile(c, made)
	return nil
}

// archiveOf reads what is wanted.
func (s *Server) archiveOf(given url.Values) (wanted archive.Wanted, err error) {
	wanted = archive.Wanted{Layers: archive.Usual(), MaxZoom: archiveMaxZoom}
	if layers := given.Get("layers"); layers != "" {
		wanted.Layers = splitList(layers)
	}
	if given.Get("datum") == tiles.GCJ02 {
		wanted.Datum = tiles.GCJ02
	}
	for name, into := range map[string]*uint32{"minzoom": &wanted.MinZoom, "maxzoom": &wanted.MaxZoom} {
		if text := given.Get(name); text != "" {
			zoom, err := strconv.ParseUint(text, 10, 32)
			if err != nil {
				return wanted, invalidParameter("query."+name, "is not a whole number")
			}
			*into = uint32(zoom)
		}
	}
	if wanted.MinZoom > wanted.MaxZoom {
		return wanted, invalidParameter("query.minzoom", fmt.Sprintf("is above maxzoom, %d", wanted.MaxZoom))
	}
	wanted.BBox, err = s.archiveBox(given, wanted.Datum)
	return wanted, err
}

// archiveBox is the box of the unit and the one that is given, in the datum; nil for that of the city.
func (s *Server) archiveBox(given url.Values, datum string) (*[4]float64, error) {
	var bound *orb.Bound
	if code := given.Get("unit"); code != "" {
		city := s.options.Feed.City()
		if city == nil {
			return nil, stillLoading()
		}
		u := city.Units[code]
		if u == nil || len(u.Boundary) == 0 {
			return nil, invalidParameter("query.unit", "no unit with an outline has this code")
		}
		own := u.Boundary.Bound()
		bound = &own
	}
	if text := given.Get("bbox"); text != "" {
		box, err := parseBBox(text, s.cityBound())
		if err != nil {
			return nil, err
		}
		own := orb.Bound{Min: orb.Point{box[0], box[1]}, Max: orb.Point{box[2], box[3]}}
		if bound != nil {
			own.Min = orb.Point{max(own.Min[0], bound.Min[0]), max(own.Min[1], bound.Min[1])}
			own.Max = orb.Point{min(own.Max[0], bound.Max[0]), min(own.Max[1], bound.Max[1])}
		}
		if own.Min[0] >= own.Max[0] || own.Min[1] >= own.Max[1] {
			return nil, invalidParameter("query.bbox", "has no area, or does not meet the unit")
		}
		bound = &own
	}
	if bound == nil {
		return nil, nil
	}
	if datum == tiles.GCJ02 {
		bound.Min, bound.Max = geo.WGS84ToGCJ02(bound.Min), geo.WGS84ToGCJ02(bound.Max)
	}
	return &[4]float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]}, nil
}

// makeArchive makes the file, which has no name on disk when it is given back.
func (s *Server) makeArchive(ctx context.Context, wanted archive.Wanted, unit string) (made *sentFile, err error) {
	still, err := s.options.Tiles.Still(ctx, wanted.Datum)
	if err != nil {
		return nil, err
	}
	if wanted, err = wanted.Bounded(ctx, still); err != nil {
		return nil, err
	}
	if count := wanted.Count(); count > archiveTiles {
		return nil, invalidParameter("query.maxzoom", fmt.Sprintf("asks for %d tiles, %d are allowed: lower it, or give a unit or a bbox", count, archiveTiles))
	}
	file, err := os.CreateTemp(s.options.Files, "export-*.pmtiles")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	if err := os.Remove(file.Name()); err != nil {
		return nil, err
	}
	if _, err := wanted.Write(ctx, file, still, func(uint32, int, int) {}); err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return &sentFile{File: archiveFile(still.Seq(), size, wanted.Datum, unit), Reader: file, isKnown: true, close: file.Close}, nil
}

// archiveFile is called as files of features are.
func archiveFile(seq, size int64, datum, unit string) takeaway.File {
	if datum == tiles.WGS84 {
		datum = datumWGS84
	}
	name := "-" + datum + "-seq" + strconv.FormatInt(seq, 10) + ".pmtiles"
	if unit != "" {
		name = "-" + unit + name
	}
	return takeaway.File{PlainName: "tiles" + name, Name: "地图瓦片" + name, MediaType: archiveType, Seq: seq, Bytes: size}
}
