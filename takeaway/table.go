package takeaway

import (
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/geo/hex"
)

// column is a column, and what is in it.
type column struct {
	exports.Column
	of func(f yizhan.Feature) exports.Value
}

// geometryName is the column of the geometry.
const geometryName = "geometry"

// columnsOf are the columns of a collection, with its geometry last; nil for one that is not to be taken away.
func columnsOf(c yizhan.Collection, reference geo.Reference) []column {
	switch c {
	case yizhan.Stations:
		return stationColumns(reference)
	case yizhan.Units:
		return unitColumns()
	case yizhan.MicroGrids:
		return microGridColumns()
	case yizhan.FriendlyScenes:
		return sceneColumns()
	}
	return nil
}

func stationColumns(reference geo.Reference) []column {
	text, integer, truth := columnsFor[*yizhan.Station]()
	return []column{
		text("code", "驿站编码", func(s *yizhan.Station) string { return s.Code }),
		text("name", "名称", func(s *yizhan.Station) string { return s.Name }),
		text("kind", "驿站类型", func(s *yizhan.Station) string { return string(s.Kind) }),
		text("sponsor", "建设单位类型", func(s *yizhan.Station) string { return string(s.Sponsor) }),
		text("address", "地址", func(s *yizhan.Station) string { return s.Address }),
		integer("capacity", "座位数", func(s *yizhan.Station) int64 { return int64(s.Capacity) }),
		text("opening_hours", "开放时间", func(s *yizhan.Station) string { return s.Hours.String() }),
		text("status", "状态", func(s *yizhan.Station) string { return string(s.Status) }),
		text("community", "社区代码", func(s *yizhan.Station) string { return s.Community }),
		text("micro_grid", "微网格编码", func(s *yizhan.Station) string { return s.MicroGrid }),
		{exports.Column{Name: "services", Title: "服务", Type: exports.TextType},
			func(f yizhan.Feature) exports.Value { return servicesOf(f.(*yizhan.Station).Services) }},
		{exports.Column{Name: "confirmed_at", Title: "核实日期", Type: exports.TextType, Nullable: true},
			func(f yizhan.Feature) exports.Value { return instant(f.(*yizhan.Station).ConfirmedAt) }},
		{exports.Column{Name: "entrance", Title: "入口坐标", Type: exports.TextType, Nullable: true},
			func(f yizhan.Feature) exports.Value { return position(f.(*yizhan.Station).Entrance, reference) }},
		truth("approximate", "位置为估计", func(s *yizhan.Station) bool { return s.Approximate }),
		truth("synthetic", "演示数据", func(s *yizhan.Station) bool { return s.Synthetic }),
		integer("version", "版本", func(s *yizhan.Station) int64 { return s.Version }),
		{exports.Column{Name: geometryName, Title: "位置", Type: exports.PointType, Bare: true},
			func(f yizhan.Feature) exports.Value { return exports.Point(f.(*yizhan.Station).Location) }},
	}
}

func unitColumns() []column {
	text, integer, truth := columnsFor[*yizhan.Unit]()
	return []column{
		text("code", "代码", func(u *yizhan.Unit) string { return u.Code }),
		text("level", "级别", func(u *yizhan.Unit) string { return string(u.Level) }),
		text("parent", "上级代码", func(u *yizhan.Unit) string { return u.Parent }),
		text("name", "名称", func(u *yizhan.Unit) string { return u.Name }),
		text("name_en", "英文名称", func(u *yizhan.Unit) string { return u.NameEn }),
		text("type", "类别", func(u *yizhan.Unit) string { return u.Type }),
		{exports.Column{Name: "seat", Title: "驻地", Type: exports.PointType, Nullable: true}, func(f yizhan.Feature) exports.Value {
			if seat := f.(*yizhan.Unit).Seat; seat != nil {
				return exports.Point(*seat)
			}
			return exports.Null()
		}},
		truth("synthetic", "演示数据", func(u *yizhan.Unit) bool { return u.Synthetic }),
		integer("version", "版本", func(u *yizhan.Unit) int64 { return u.Version }),
		area("边界", true, func(f yizhan.Feature) orb.MultiPolygon { return f.(*yizhan.Unit).Boundary }),
	}
}

func microGridColumns() []column {
	text, integer, truth := columnsFor[*yizhan.MicroGrid]()
	return []column{
		text("code", "网格编码", func(g *yizhan.MicroGrid) string { return g.Code }),
		text("community", "社区代码", func(g *yizhan.MicroGrid) string { return g.Community }),
		text("name", "名称", func(g *yizhan.MicroGrid) string { return g.Name }),
		integer("households", "户数", func(g *yizhan.MicroGrid) int64 { return int64(g.Households) }),
		text("zone", "区域类型", func(g *yizhan.MicroGrid) string { return string(g.Zone) }),
		text("status", "状态", func(g *yizhan.MicroGrid) string { return string(g.Status) }),
		truth("synthetic", "演示数据", func(g *yizhan.MicroGrid) bool { return g.Synthetic }),
		integer("version", "版本", func(g *yizhan.MicroGrid) int64 { return g.Version }),
		area("边界", false, func(f yizhan.Feature) orb.MultiPolygon { return f.(*yizhan.MicroGrid).Boundary }),
	}
}

func sceneColumns() []column {
	text, integer, truth := columnsFor[*yizhan.FriendlyScene]()
	list := func(name, title string, of func(*yizhan.FriendlyScene) []string) column {
		return column{exports.Column{Name: name, Title: title, Type: exports.TextType},
			func(f yizhan.Feature) exports.Value { return listOf(of(f.(*yizhan.FriendlyScene))) }}
	}
	return []column{
		text("code", "场景编码", func(s *yizhan.FriendlyScene) string { return s.Code }),
		text("name", "名称", func(s *yizhan.FriendlyScene) string { return s.Name }),
		text("kind", "类型", func(s *yizhan.FriendlyScene) string { return string(s.Kind) }),
		list("micro_grids", "微网格", func(s *yizhan.FriendlyScene) []string { return s.MicroGrids }),
		list("stations", "驿站", func(s *yizhan.FriendlyScene) []string { return s.Stations }),
		truth("synthetic", "演示数据", func(s *yizhan.FriendlyScene) bool { return s.Synthetic }),
		integer("version", "版本", func(s *yizhan.FriendlyScene) int64 { return s.Version }),
		area("边界", true, func(f yizhan.Feature) orb.MultiPolygon { return f.(*yizhan.FriendlyScene).Boundary }),
	}
}

// columnsFor makes columns of the features of one type.
func columnsFor[F yizhan.Feature]() (
	text func(name, title string, of func(F) string) column,
	integer func(name, title string, of func(F) int64) column,
	truth func(name, title string, of func(F) bool) column,
) {
	text = func(name, title string, of func(F) string) column {
		return column{exports.Column{Name: name, Title: title, Type: exports.TextType},
			func(f yizhan.Feature) exports.Value { return exports.Text(of(f.(F))) }}
	}
	integer = func(name, title string, of func(F) int64) column {
		return column{exports.Column{Name: name, Title: title, Type: exports.IntType},
			func(f yizhan.Feature) exports.Value { return exports.Int(of(f.(F))) }}
	}
	truth = func(name, title string, of func(F) bool) column {
		return column{exports.Column{Name: name, Title: title, Type: exports.BoolType},
			func(f yizhan.Feature) exports.Value { return exports.Bool(of(f.(F))) }}
	}
	return text, integer, truth
}

func area(title string, nullable bool, of func(yizhan.Feature) orb.MultiPolygon) column {
	return column{exports.Column{Name: geometryName, Title: title, Type: exports.AreaType, Nullable: nullable},
		func(f yizhan.Feature) exports.Value {
			if shape := of(f); len(shape) > 0 {
				return exports.Area(shape)
			}
			return exports.Null()
		}}
}

// cellColumns are H3 cells of a place of the feature, coarse to fine, by which large tables are joined and summed.
func cellColumns(geometry column) []column {
	var columns []column
	for _, resolution := range []int{5, 7, 9} {
		columns = append(columns, column{exports.Column{
			Name: "h3_" + strconv.Itoa(resolution), Title: fmt.Sprintf("H3 网格 %d 级", resolution), Type: exports.CellType,
			Nullable: geometry.Nullable, Derived: true, Description: "of the place, or of the middle of the extent, in WGS84",
		}, func(f yizhan.Feature) exports.Value { return cellOf(f, resolution) }})
	}
	return columns
}

func cellOf(f yizhan.Feature, resolution int) exports.Value {
	var at orb.Point
	switch f := f.(type) {
	case *yizhan.Station:
		at = f.Location
	case *yizhan.Unit:
		at = f.Boundary.Bound().Center()
	case *yizhan.MicroGrid:
		at = f.Boundary.Bound().Center()
	case *yizhan.FriendlyScene:
		at = f.Boundary.Bound().Center()
	}
	cell, err := hex.Of(at, resolution)
	if err != nil { // of an empty bound
		return exports.Null()
	}
	return exports.Cell(cell)
}

// timeLayout keeps all that the store does.
const timeLayout = time.RFC3339Nano

func instant(at time.Time) exports.Value {
	if at.IsZero() {
		return exports.Null()
	}
	return exports.Text(at.UTC().Format(timeLayout))
}

// position is a second place of a feature in one cell: lng,lat.
func position(p *orb.Point, reference geo.Reference) exports.Value {
	if p == nil {
		return exports.Null()
	}
	at := reference.FromWGS84(*p)
	text := strconv.FormatFloat(at[0], 'f', -1, 64) + "," + strconv.FormatFloat(at[1], 'f', -1, 64)
	return exports.Parts(text, []byte("["+text+"]"))
}

func listOf(codes []string) exports.Value {
	if codes == nil {
		codes = []string{}
	}
	return exports.Parts(strings.Join(codes, ";"), marshal(codes))
}

// servicesOf nests services as the API does.
func servicesOf(services []yizhan.StationService) exports.Value {
	type service struct {
		Service     yizhan.Service   `json:"service"`
		Condition   yizhan.Condition `json:"condition"`
		ConfirmedAt *time.Time       `json:"confirmed_at"`
	}
	parts := make([]service, len(services))
	for i, have := range services {
		parts[i] = service{have.Service, have.Condition, nil}
		if !have.ConfirmedAt.IsZero() {
			at := have.ConfirmedAt.UTC()
			parts[i].ConfirmedAt = &at
		}
	}
	return exports.Parts(yizhan.ServicesText(services), marshal(parts))
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts and times of four digits of year only
	}
	return text
}

// rowsOf makes rows of features.
func rowsOf(features iter.Seq2[yizhan.Feature, error], columns []column) iter.Seq2[[]exports.Value, error] {
	return func(yield func([]exports.Value, error) bool) {
		row := make([]exports.Value, len(columns))
		for f, err := range features {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, c := range columns {
				row[i] = c.of(f)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
