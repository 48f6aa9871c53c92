package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/feed/views"
)

// A table that was taken away has nobody beside it to say what it counts: so no column of one that counts something
// else than households is called by their name, neither for programs nor for people, nor is the file.

// renamed are the columns whose names speak of households; %s is the unit of measurement.
var renamed = map[string]struct{ name, title string }{
	"households":         {"counted", ""}, // the title is that of the weight
	"p50_m":              {"p50_m", "半数（%s）到最近驿站"},
	"p90_m":              {"p90_m", "九成（%s）到最近驿站"},
	"stations_per_10000": {"stations_per_10000_counted", "每万%s驿站数"},
	"seats_a_household":  {"seats_a_counted", "每%s可达座位"},
}

// inCounts is a table under the name of what it counts.
func inCounts(t table, c *views.Counted) table {
	if c == nil {
		return t
	}
	measure := c.MeasureOr(inHouseholds)
	t.Columns = slices.Clone(t.Columns)
	for i := range t.Columns {
		column := &t.Columns[i]
		if column.Unit == inHouseholds {
			column.Unit = measure
		}
		if column.Name != "area_m2" { // of the cells where there are households, whatever is counted
			column.Description = strings.ReplaceAll(column.Description, "households", "counted")
		}
		to, found := renamed[column.Name]
		if !found {
			continue
		}
		if column.Name = to.name; to.title == "" {
			column.Title = c.Title
		} else {
			column.Title = fmt.Sprintf(to.title, measure)
		}
	}
	t.plainName += "-of-" + c.ID
	t.Name += "（" + c.Title + "）"
	return t
}

// countedFacts say what a table counts.
func countedFacts(c *views.Counted) []exports.Fact {
	if c == nil {
		return nil
	}
	facts := []exports.Fact{
		{Label: "计数对象（不是户数） weight", Text: strings.TrimSpace(c.Title + " " + c.Measure)},
		{Label: "计数日期 weight_date", Text: c.Date},
		{Label: "计数来源 weight_source", Text: c.Source},
		{Label: "计数编号 weight_id", Text: c.ID + ", version " + strconv.FormatInt(c.Version, 10)},
		{Label: "无数据的单元（按 0 计） without_figure", Text: fmt.Sprintf("%d units, %d households", c.Without.Units, c.Without.Households)},
		{Label: "未能落位 unplaced", Text: fmt.Sprintf("%d units, %d", c.Unplaced.Units, c.Unplaced.Sum)},
	}
	if c.Synthetic {
		facts = append(facts, exports.Fact{Label: "演示数据 synthetic", Text: "true"})
	}
	return facts
}
