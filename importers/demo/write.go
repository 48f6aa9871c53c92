package demo

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// SHA256 is the sum of what WriteTo writes.
const SHA256 = "4499e5ea8120b99b6520a58f59a36fb3435824b1074109286d5ee743cb8fba4c"

// WriteTo writes the city as GeoJSONSeq, one feature a line: units, micro-grids, stations, friendly scenes, then
// leaders, which have no geometry. The bytes are canonical: what SHA256 is the sum of.
func (c *City) WriteTo(w io.Writer) (int64, error) {
	counter := &counter{to: w}
	out := bufio.NewWriterSize(counter, 1<<16)
	var line []byte
	for feature := range c.features {
		ref := feature.Ref()
		line = append(line[:0], `{"type":"Feature","id":`...)
		line = appendString(line, ref.Code)
		line = append(line, `,"geometry":`...)
		line = appendGeometry(line, geometryOf(feature))
		line = append(line, `,"properties":`...)
		properties, err := json.Marshal(propertiesOf(feature))
		if err != nil {
			return counter.n, err
		}
		line = append(append(line, properties...), "}\n"...)
		if _, err := out.Write(line); err != nil {
			return counter.n, err
		}
	}
	err := out.Flush()
	return counter.n, err
}

type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

func geometryOf(feature yizhan.Feature) orb.Geometry {
	switch f := feature.(type) {
	case *yizhan.Unit:
		return shapeOrNil(f.Boundary)
	case *yizhan.MicroGrid:
		return shapeOrNil(f.Boundary)
	case *yizhan.FriendlyScene:
		return shapeOrNil(f.Boundary)
	case *yizhan.Station:
		return f.Location
	}
	return nil
}

func shapeOrNil(shape orb.MultiPolygon) orb.Geometry {
	if shape == nil {
		return nil
	}
	return shape
}

func appendGeometry(line []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		line = append(line, `{"type":"Point","coordinates":`...)
		return append(appendPoint(line, g), '}')
	case orb.MultiPolygon:
		line = append(line, `{"type":"MultiPolygon","coordinates":`...)
		line = appendList(line, g, func(line []byte, p orb.Polygon) []byte {
			return appendList(line, p, func(line []byte, r orb.Ring) []byte { return appendList(line, r, appendPoint) })
		})
		return append(line, '}')
	}
	return append(line, "null"...)
}

func appendList[T any](line []byte, items []T, each func([]byte, T) []byte) []byte {
	line = append(line, '[')
	for i, item := range items {
		if i > 0 {
			line = append(line, ',')
		}
		line = each(line, item)
	}
	return append(line, ']')
}

func appendPoint(line []byte, p orb.Point) []byte {
	line = strconv.AppendFloat(append(line, '['), p[0], 'f', -1, 64)
	line = strconv.AppendFloat(append(line, ','), p[1], 'f', -1, 64)
	return append(line, ']')
}

// appendString quotes a code, which has nothing to escape.
func appendString(line []byte, code string) []byte { return strconv.AppendQuote(line, code) }

// The properties of each collection, in the order in which they are written.
type (
	unitProperties struct {
		Collection yizhan.Collection `json:"collection"`
		Level      yizhan.Level      `json:"level"`
		Parent     string            `json:"parent"`
		Name       string            `json:"name"`
		NameEn     string            `json:"name_en"`
		Type       string            `json:"type"`
		Seat       *orb.Point        `json:"seat"`
		Synthetic  bool              `json:"synthetic"`
	}
	gridProperties struct {
		Collection yizhan.Collection `json:"collection"`
		Community  string            `json:"community"`
		Name       string            `json:"name"`
		Households int               `json:"households"`
		Zone       yizhan.Zone       `json:"zone"`
		Status     yizhan.GridStatus `json:"status"`
		Synthetic  bool              `json:"synthetic"`
	}
	stationProperties struct {
		Collection  yizhan.Collection    `json:"collection"`
		Name        string               `json:"name"`
		Kind        yizhan.StationKind   `json:"kind"`
		Sponsor     yizhan.Sponsor       `json:"sponsor"`
		Address     string               `json:"address"`
		Approximate bool                 `json:"approximate"`
		Entrance    *orb.Point           `json:"entrance"`
		Capacity    int                  `json:"capacity"`
		Hours       string               `json:"opening_hours"`
		Status      yizhan.StationStatus `json:"status"`
		Community   string               `json:"community"`
		MicroGrid   string               `json:"micro_grid"`
		Services    []serviceProperties  `json:"services"`
		ConfirmedAt *time.Time           `json:"confirmed_at"`
		Synthetic   bool                 `json:"synthetic"`
	}
	serviceProperties struct {
		Service     yizhan.Service   `json:"service"`
		Condition   yizhan.Condition `json:"condition"`
		ConfirmedAt *time.Time       `json:"confirmed_at"`
	}
	sceneProperties struct {
		Collection yizhan.Collection `json:"collection"`
		Name       string            `json:"name"`
		Kind       yizhan.SceneKind  `json:"kind"`
		MicroGrids []string          `json:"micro_grids"`
		Stations   []string          `json:"stations"`
		Synthetic  bool              `json:"synthetic"`
	}
	leaderProperties struct {
		Collection yizhan.Collection `json:"collection"`
		MicroGrid  string            `json:"micro_grid"`
		Role       yizhan.LeaderRole `json:"role"`
		Households int               `json:"households"`
		Selected   string            `json:"selected"`
		Synthetic  bool              `json:"synthetic"`
	}
)

func propertiesOf(feature yizhan.Feature) any {
	collection := feature.Ref().Collection
	switch f := feature.(type) {
	case *yizhan.Unit:
		return unitProperties{collection, f.Level, f.Parent, f.Name, f.NameEn, f.Type, f.Seat, f.Synthetic}
	case *yizhan.MicroGrid:
		return gridProperties{collection, f.Community, f.Name, f.Households, f.Zone, f.Status, f.Synthetic}
	case *yizhan.Station:
		return stationProperties{collection, f.Name, f.Kind, f.Sponsor, f.Address, f.Approximate, f.Entrance, f.Capacity,
			f.Hours.String(), f.Status, f.Community, f.MicroGrid, servicesOf(f), timeOrNil(f.ConfirmedAt), f.Synthetic}
	case *yizhan.FriendlyScene:
		return sceneProperties{collection, f.Name, f.Kind, f.MicroGrids, f.Stations, f.Synthetic}
	case *yizhan.Leader:
		return leaderProperties{collection, f.MicroGrid, f.Role, f.Households, f.Selected, f.Synthetic}
	}
	return nil
}

func servicesOf(s *yizhan.Station) []serviceProperties {
	services := make([]serviceProperties, len(s.Services))
	for i, have := range s.Services {
		services[i] = serviceProperties{have.Service, have.Condition, timeOrNil(have.ConfirmedAt)}
	}
	return services
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
