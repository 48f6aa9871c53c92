package api

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/feed/views"
)

// Units of measurement in the heads of columns.
const (
	inHouseholds = "户"
	inMeters     = "m"
)

// cellTable lists cells.
func cellTable(cells []views.Cell, resolution int) table {
	count := func(name, title string) exports.Column {
		return exports.Column{Name: name, Title: title, Type: exports.IntType, Unit: inHouseholds}
	}
	return table{plainName: "coverage-cells-r" + strconv.Itoa(resolution), Table: exports.Table{
		Name: "覆盖网格", Columns: []exports.Column{
			{Name: "h3", Title: "H3 网格", Type: exports.CellType, Description: "H3 index"},
			count("households", "户数"), count("covered", "已覆盖"), count("covered_possible", "可能覆盖"), count("unmet", "未覆盖"),
			{Name: "share", Title: "覆盖率", Type: exports.FloatType, Nullable: true, Share: true, Decimals: 1, Description: "covered / households"},
		},
		Rows: rowsOf(cells, func(_ int, c views.Cell) []exports.Value {
			return []exports.Value{exports.Cell(c.Cell), exports.Int(c.Households), exports.Int(c.Covered), exports.Int(c.Possible),
				exports.Int(c.Households - c.Covered), shareOf(c.Covered, c.Households)}
		}),
	}}
}

func shareOf(part, whole int64) exports.Value {
	if whole == 0 {
		return exports.Null()
	}
	return exports.Float(float64(part) / float64(whole))
}

// unitColumn is a column of the ranking, and what is in it.
type unitColumn struct {
	exports.Column
	of func(u *views.UnitFigures) exports.Value
}

// rankingTable lists units in their order.
func rankingTable(units []views.UnitFigures, level string) table {
	columns := unitColumns(placeless(units) != "")
	t := table{plainName: "coverage-ranking-" + level, Table: exports.Table{Name: "覆盖排名", Geometry: "place",
		Columns: []exports.Column{{Name: "rank", Title: "名次", Type: exports.IntType}}}}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.Column)
	}
	t.Rows = rowsOf(units, func(i int, u views.UnitFigures) []exports.Value {
		row := []exports.Value{exports.Int(int64(i + 1))}
		for _, c := range columns {
			row = append(row, c.of(&u))
		}
		return row
	})
	return t
}

func unitColumns(hasPlaceless bool) []unitColumn {
	count := func(name, title string, of func(u *views.UnitFigures) int64) unitColumn {
		return unitColumn{exports.Column{Name: name, Title: title, Type: exports.IntType, Unit: inHouseholds},
			func(u *views.UnitFigures) exports.Value { return exports.Int(of(u)) }}
	}
	measure := func(column exports.Column, of func(u *views.UnitFigures) *float64) unitColumn {
		column.Type, column.Nullable = exports.FloatType, true
		return unitColumn{column, func(u *views.UnitFigures) exports.Value { return floatOrNull(of(u)) }}
	}
	return []unitColumn{
		{exports.Column{Name: "code", Title: "代码", Type: exports.TextType}, func(u *views.UnitFigures) exports.Value { return exports.Text(u.Unit.Code) }},
		{exports.Column{Name: "name", Title: "名称", Type: exports.TextType}, func(u *views.UnitFigures) exports.Value { return exports.Text(u.Unit.Name) }},
		count("households", "户数", func(u *views.UnitFigures) int64 { return u.Households }),
		count("covered", "已覆盖", func(u *views.UnitFigures) int64 { return u.Covered }),
		count("covered_possible", "可能覆盖", func(u *views.UnitFigures) int64 { return u.PossiblyCovered }),
		count("cross_covered", "交叉覆盖", func(u *views.UnitFigures) int64 { return u.CrossCovered }),
		count("unmet", "未覆盖", func(u *views.UnitFigures) int64 { return u.Unmet }),
		measure(exports.Column{Name: "share", Title: "覆盖率", Share: true, Decimals: 1, Description: "covered / households"}, func(u *views.UnitFigures) *float64 { return u.Share }),
		measure(exports.Column{Name: "rate", Title: "时段加权覆盖率", Share: true, Decimals: 1, Description: "weighted by the time asked about"}, func(u *views.UnitFigures) *float64 { return u.Rate.Known }),
		measure(exports.Column{Name: "p50_m", Title: "半数户到最近驿站", Unit: inMeters, Decimals: 0}, func(u *views.UnitFigures) *float64 { return u.P50M.Known }),
		measure(exports.Column{Name: "p90_m", Title: "九成户到最近驿站", Unit: inMeters, Decimals: 0}, func(u *views.UnitFigures) *float64 { return u.P90M.Known }),
		measure(exports.Column{Name: "stations_per_10000", Title: "万户驿站数", Decimals: 2}, func(u *views.UnitFigures) *float64 { return u.StationsPer10000.Known }),
		measure(exports.Column{Name: "seats_a_household", Title: "户均可达座位", Decimals: 4, Description: "E2SFCA"}, func(u *views.UnitFigures) *float64 { return u.SeatsAHousehold.Known }),
		measure(exports.Column{Name: "gini", Title: "基尼系数", Decimals: 3}, func(u *views.UnitFigures) *float64 { return u.Gini.Known }),
		{exports.Column{Name: "stations", Title: "驿站数", Type: exports.IntType}, func(u *views.UnitFigures) exports.Value { return exports.Int(int64(u.Stations)) }},
		{exports.Column{Name: "area_m2", Title: "有户面积", Type: exports.IntType, Unit: "m²"}, func(u *views.UnitFigures) exports.Value { return exports.Int(u.AreaM2) }},
		{exports.Column{Name: "place", Title: "位置", Type: exports.PointType, Description: "The seat, or the middle of the extent", Nullable: hasPlaceless},
			func(u *views.UnitFigures) exports.Value {
				if at := middleOf(u.Unit); at != nil {
					return exports.Point(*at)
				}
				return exports.Null()
			}},
	}
}

// middleOf is where a label of a unit may stand: its seat, or the middle of its extent; nil if it has neither.
func middleOf(unit *yizhan.Unit) *orb.Point {
	if unit.Seat == nil && len(unit.Boundary) > 0 {
		middle := unit.Boundary.Bound().Center()
		return &middle
	}
	return unit.Seat
}

// placeless is the code of the first unit without a place; empty if all have one.
func placeless(units []views.UnitFigures) string {
	for _, u := range units {
		if middleOf(u.Unit) == nil {
			return u.Unit.Code
		}
	}
	return ""
}

// gapTable lists gaps.
func gapTable(gaps []views.Gap) table {
	text := func(name, title string) exports.Column {
		return exports.Column{Name: name, Title: title, Type: exports.TextType}
	}
	return table{plainName: "gaps", Table: exports.Table{
		Name: "盲区", Geometry: "center", Columns: []exports.Column{
			text("id", "编号"),
			{Name: "households", Title: "户数", Type: exports.IntType, Unit: inHouseholds},
			{Name: "cells", Title: "网格数", Type: exports.IntType},
			{Name: "reason", Title: "原因", Type: exports.TextType, Description: "of most of the households"},
			{Name: "units", Title: "社区", Type: exports.TextType, Description: "codes of communities with households in it"},
			{Name: "nearest", Title: "最近驿站", Type: exports.TextType, Nullable: true},
			{Name: "nearest_m", Title: "到最近驿站", Type: exports.FloatType, Nullable: true, Unit: inMeters, Description: "from the nearest cell of the gap"},
			{Name: "best_site_gain", Title: "最佳新站覆盖", Type: exports.IntType, Unit: inHouseholds, Description: "households newly covered by one more station there"},
			{Name: "best_site", Title: "最佳新站", Type: exports.PointType},
			{Name: "center", Title: "中心", Type: exports.PointType},
		},
		Rows: rowsOf(gaps, gapRow),
	}}
}

func gapRow(_ int, g views.Gap) []exports.Value {
	var codes []string
	for _, unit := range g.Units {
		codes = append(codes, unit.Unit)
	}
	nearest, meters := exports.Null(), exports.Null()
	if g.Nearest != nil {
		nearest, meters = exports.Text(g.Nearest.Code), exports.Float(rounded(g.Nearest.EdgeM, 1))
	}
	return []exports.Value{exports.Text(g.ID), exports.Int(g.Households), exports.Int(int64(g.Cells)), exports.Text(string(g.Reason)),
		exports.Text(strings.Join(codes, " ")), nearest, meters, exports.Int(g.BestSite.Households), exports.Point(g.BestSite.At), exports.Point(g.Center)}
}
