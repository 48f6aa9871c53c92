package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// City is what a page needs to know about the city before anything else.
type City struct {
	Code        string        `json:"code" example:"150700"`
	Name        string        `json:"name" example:"呼伦贝尔市"`
	NameEn      string        `json:"name_en" example:"Hulunbuir"`
	Demo        bool          `json:"demo" doc:"Some of the data was generated for a demo: say so wherever it is shown"`
	Seq         int64         `json:"seq" doc:"The change of the log that the answer is up to"`
	BBox        BBox          `json:"bbox"`
	Center      Position      `json:"center" doc:"Where a map of the city should open"`
	Counts      CityCounts    `json:"counts"`
	Banners     []Banner      `json:"banners" nullable:"false" doc:"In the order of their codes"`
	Attribution []Attribution `json:"attribution" nullable:"false" doc:"To be shown with the map"`
}

// CityCounts are how much of everything there is.
type CityCounts struct {
	Banners        int   `json:"banners"`
	Townships      int   `json:"townships"`
	Communities    int   `json:"communities"`
	MicroGrids     int   `json:"micro_grids"`
	Stations       int   `json:"stations"`
	FriendlyScenes int   `json:"friendly_scenes"`
	Households     int64 `json:"households" doc:"Of all micro-grids"`
}

// Banner is a part of the city at the level below it.
type Banner struct {
	Code       string           `json:"code" example:"150702"`
	Name       string           `json:"name" example:"海拉尔区"`
	NameEn     string           `json:"name_en" example:"Hailar"`
	BBox       orNull[BBox]     `json:"bbox"`
	Seat       orNull[Position] `json:"seat" doc:"Where the government sits"`
	Stations   int              `json:"stations"`
	MicroGrids int              `json:"micro_grids"`
	Households int64            `json:"households"`
}

// Attribution names a source of the data.
type Attribution struct {
	Text string `json:"text" example:"Natural Earth"`
	URL  string `json:"url,omitempty" format:"uri"`
}

// citySummary is the answer of /api/city, which counts tens of thousands of features, kept until the city
// changes.
type citySummary struct {
	of    *yizhan.City
	reply *reply
	bound *orb.Bound // the extent of the city; nil if it has no outline
}

func (s *Server) routeCity() {
	operation[struct{}, City](s, huma.Operation{
		OperationID: "get-city", Path: "/api/city", Tags: []string{"City"},
		Summary:     "The city at a glance",
		Description: "Extent, counts, the banners with their figures, and the attributions to show. Answered from memory; `X-Yizhan-Age` says how old it is.",
		Responses:   map[string]*huma.Response{"200": {Description: "The city", Headers: ageHeaders()}},
	}, func(context.Context, *struct{}) (*reply, error) {
		summary, err := s.summary()
		if err != nil {
			return nil, err
		}
		return s.aged(summary.reply, summary.of.Seq), nil
	})
}

func (s *Server) summary() (*citySummary, error) {
	city := s.options.Feed.City()
	if city == nil {
		return nil, stillLoading()
	}
	if kept := s.city.Load(); kept != nil && kept.of == city {
		return kept, nil
	}
	s.summing.Lock() // one counts, the others wait for it
	defer s.summing.Unlock()
	if kept := s.city.Load(); kept != nil && kept.of == city {
		return kept, nil
	}
	root := rootOf(city)
	if root == nil {
		return nil, unavailable("there is no city in the database yet", nil)
	}
	answer, err := jsonReply(s.describeCity(city, root))
	if err != nil {
		return nil, err
	}
	answer.version, answer.packed = hashOf(answer.body), &packed{}
	summary := &citySummary{of: city, reply: answer}
	if bound, ok := boundOf(city, root); ok {
		summary.bound = &bound
	}
	s.city.Store(summary)
	return summary, nil
}

// cityBound is the extent of the city, nil while it is not known.
func (s *Server) cityBound() *orb.Bound {
	summary, err := s.summary()
	if err != nil {
		return nil
	}
	return summary.bound
}

func stillLoading() *Problem { return unavailable("the data is still being loaded", nil) }

func rootOf(city *yizhan.City) *yizhan.Unit {
	var root *yizhan.Unit
	for _, unit := range city.Units {
		if unit.Level == yizhan.LevelCity && (root == nil || unit.Code < root.Code) {
			root = unit
		}
	}
	return root
}

// cityWire is City with values where City has only schemas.
type cityWire struct {
	Code        string        `json:"code"`
	Name        string        `json:"name"`
	NameEn      string        `json:"name_en"`
	Demo        bool          `json:"demo"`
	Seq         int64         `json:"seq"`
	BBox        []degrees     `json:"bbox"`
	Center      []degrees     `json:"center"`
	Counts      CityCounts    `json:"counts"`
	Banners     []*bannerWire `json:"banners"`
	Attribution []Attribution `json:"attribution"`
}

type bannerWire struct {
	Code       string    `json:"code"`
	Name       string    `json:"name"`
	NameEn     string    `json:"name_en"`
	BBox       []degrees `json:"bbox"`
	Seat       []degrees `json:"seat"`
	Stations   int       `json:"stations"`
	MicroGrids int       `json:"micro_grids"`
	Households int64     `json:"households"`
}

// degrees is a coordinate, written as appendDegrees does.
type degrees float64

// MarshalJSON writes the coordinate.
func (d degrees) MarshalJSON() ([]byte, error) { return appendDegrees(nil, float64(d)), nil }

func (s *Server) describeCity(city *yizhan.City, root *yizhan.Unit) cityWire {
	bound, _ := boundOf(city, root)
	answer := cityWire{
		Code: root.Code, Name: root.Name, NameEn: root.NameEn, Seq: city.Seq,
		BBox: bboxOf(bound), Center: positionOf(bound.Center()),
		Banners: []*bannerWire{}, Attribution: s.options.Attribution,
	}
	if root.Seat != nil {
		answer.Center = positionOf(*root.Seat)
	}
	banners := map[string]*bannerWire{}
	for _, unit := range yizhan.Sorted(city.Units) {
		answer.countUnit(city, unit, banners)
	}
	for _, grid := range city.MicroGrids {
		answer.Demo = answer.Demo || grid.Synthetic
		answer.Counts.MicroGrids++
		answer.Counts.Households += int64(grid.Households)
		if banner := banners[bannerCode(grid.Community)]; banner != nil {
			banner.MicroGrids++
			banner.Households += int64(grid.Households)
		}
	}
	for _, station := range city.Stations {
		answer.Demo = answer.Demo || station.Synthetic
		answer.Counts.Stations++
		if banner := banners[bannerCode(station.Community)]; banner != nil {
			banner.Stations++
		}
	}
	answer.Counts.FriendlyScenes = len(city.Scenes)
	return answer
}

func (w *cityWire) countUnit(city *yizhan.City, unit *yizhan.Unit, banners map[string]*bannerWire) {
	switch unit.Level {
	case yizhan.LevelBanner:
		w.Counts.Banners++
		banner := &bannerWire{Code: unit.Code, Name: unit.Name, NameEn: unit.NameEn}
		if bound, ok := boundOf(city, unit); ok {
			banner.BBox = bboxOf(bound)
		}
		if unit.Seat != nil {
			banner.Seat = positionOf(*unit.Seat)
		}
		banners[unit.Code] = banner
		w.Banners = append(w.Banners, banner)
	case yizhan.LevelTownship:
		w.Counts.Townships++
	case yizhan.LevelCommunity:
		w.Counts.Communities++
	}
}

// bannerCode is the banner that the code of a unit below it begins with.
func bannerCode(code string) string { return code[:min(len(code), 6)] }

// boundOf is the extent of a unit; that of a unit without an outline is the extent of those right below.
func boundOf(city *yizhan.City, unit *yizhan.Unit) (orb.Bound, bool) {
	if len(unit.Boundary) > 0 {
		return unit.Boundary.Bound(), true
	}
	var bound orb.Bound
	known := false
	for _, below := range city.Units {
		if below.Parent != unit.Code || len(below.Boundary) == 0 {
			continue
		}
		if !known {
			bound, known = below.Boundary.Bound(), true
		}
		bound = bound.Union(below.Boundary.Bound())
	}
	return bound, known
}

func bboxOf(b orb.Bound) []degrees {
	return []degrees{degrees(b.Min[0]), degrees(b.Min[1]), degrees(b.Max[0]), degrees(b.Max[1])}
}

func positionOf(p orb.Point) []degrees { return []degrees{degrees(p[0]), degrees(p[1])} }

// aged adds what tells how old an answer from memory is.
func (s *Server) aged(answer *reply, seq int64) *reply {
	copied := *answer
	copied.headers = map[string]string{headerSeq: strconv.FormatInt(seq, 10), headerAge: s.age()}
	return &copied
}

const (
	headerSeq = "X-Yizhan-Seq"
	headerAge = "X-Yizhan-Age"
)

func (s *Server) age() string { return strconv.FormatInt(s.ageSeconds(), 10) }

func (s *Server) ageSeconds() int64 {
	heard := s.options.Feed.LastContact()
	if heard.IsZero() {
		return 0
	}
	return max(0, int64(s.now().Sub(heard)/time.Second))
}

func ageHeaders() map[string]*huma.Param {
	return map[string]*huma.Param{
		headerSeq: {Description: "The change of the log that the answer is up to", Schema: &huma.Schema{Type: huma.TypeInteger}},
		headerAge: {Description: "Seconds since the database was last heard", Schema: &huma.Schema{Type: huma.TypeInteger}},
	}
}

// DefaultAttribution names the sources of the data of Hulunbuir.
func DefaultAttribution() []Attribution {
	return slices.Clone(defaultAttribution)
}

var defaultAttribution = []Attribution{
	{Text: "National Bureau of Statistics of China, via modood/Administrative-divisions-of-China", URL: "https://github.com/modood/Administrative-divisions-of-China"},
	{Text: "Contains data from GeoNames (geonames.org), CC BY 4.0; filtered", URL: "https://www.geonames.org/"},
	{Text: "Boundaries: cnmaps-adm-data (MIT), derived from AMap", URL: "https://github.com/cnmetlab/cnmaps-adm-data"},
	{Text: "Lei Dong et al., China Census (2010, 2020 county tables)", URL: "https://github.com/leiii/census"},
	{Text: "Made with Natural Earth", URL: "https://www.naturalearthdata.com/"},
}

// unitPattern is the code of a city, banner, township or community.
const unitPattern = `^([0-9]{6}|[0-9]{9}|[0-9]{12})$`

// serviceList is the names of services, as a reader should see them.
var serviceList = strings.Join(strs(yizhan.Services()), ", ")

// servicesPattern is names of services joined by commas.
var servicesPattern = func() string {
	one := "(" + strings.Join(strs(yizhan.Services()), "|") + ")"
	return "^" + one + "(," + one + ")*$"
}()
