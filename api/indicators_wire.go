package api

import (
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/exports"
)

// IndicatorHeadBody is what can be changed of an indicator.
type IndicatorHeadBody struct {
	Name    string `json:"name" minLength:"1" maxLength:"100" example:"党组织覆盖率"`
	Note    string `json:"note,omitempty" maxLength:"2000" doc:"How it was counted, and what to know about it"`
	Public  bool   `json:"public,omitempty" doc:"Show it to everybody; otherwise staff see it"`
	Measure string `json:"measure,omitempty" maxLength:"20" doc:"The unit of measurement, such as 个; none for a share" example:"个"`
}

func (b *IndicatorHeadBody) head() yizhan.LayerHead {
	return yizhan.LayerHead{Name: b.Name, Note: b.Note, Public: b.Public}
}

// ReleaseBody is the figures of a date.
type ReleaseBody struct {
	Source string       `json:"source" minLength:"1" maxLength:"200" doc:"Where the table comes from" example:"市委组织部"`
	Values []FigureBody `json:"values" nullable:"false" minItems:"1" maxItems:"20000" doc:"Units that are not there have no data"`
}

// FigureBody is the figure of a unit.
type FigureBody struct {
	Unit  string  `json:"unit" maxLength:"12" example:"150702"`
	Value float64 `json:"value" doc:"A share is a fraction: 0.853 for 85.3 %"`
}

func (b *ReleaseBody) figures() yizhan.Release {
	r := yizhan.Release{ReleaseHead: yizhan.ReleaseHead{Source: b.Source}}
	for _, v := range b.Values {
		r.Figures = append(r.Figures, yizhan.Figure(v))
	}
	return r
}

func (b *ReleaseBody) release(date string) (yizhan.Release, error) {
	r := b.figures()
	var err error
	r.Date, err = dateOf("date", date)
	return r, err
}

// IndicatorBody is an indicator to be added, with its first figures.
type IndicatorBody struct {
	IndicatorHeadBody
	ReleaseBody
	Date  string               `json:"date" maxLength:"10" doc:"Of which day the figures are" example:"2025-12-31"`
	Unit  string               `json:"unit" maxLength:"12" doc:"Code of the unit that it is about: who adds it may edit layers there" example:"150700"`
	Kind  yizhan.IndicatorKind `json:"kind" enum:"count,share,per_household,index" doc:"Only a count is summed"`
	Level yizhan.Level         `json:"level" enum:"banner,township,community" doc:"Of the units that have figures"`
}

// IndicatorReport is an indicator without its figures.
type IndicatorReport struct {
	LayerHeadReport
	Kind    yizhan.IndicatorKind `json:"kind" enum:"count,share,per_household,index"`
	Level   yizhan.Level         `json:"level" enum:"banner,township,community"`
	Measure string               `json:"measure"`
	Dates   []ReleaseReport      `json:"dates" nullable:"false" doc:"The latest first"`
}

// ReleaseReport is a table of figures without the figures.
type ReleaseReport struct {
	Date      string    `json:"date" format:"date" example:"2025-12-31"`
	Source    string    `json:"source"`
	Figures   int       `json:"figures" doc:"Units that have one"`
	Weighs    bool      `json:"weighs" doc:"Whether coverage can be asked in these figures in place of households (the parameter weight): whole counts, not all of them 0"`
	Sum       *float64  `json:"sum" doc:"Of a count; null for what must not be summed"`
	Author    string    `json:"author,omitempty" doc:"Name of the account that added it; told to staff"`
	CreatedAt time.Time `json:"created_at" doc:"When the table was added"`
}

// IndicatorListReport lists indicators.
type IndicatorListReport struct {
	Indicators []IndicatorReport `json:"indicators" nullable:"false"`
	MayAdd     []string          `json:"may_add" nullable:"false" doc:"Units in which, and below which, whoever asks may add layers"`
}

func reportIndicator(i *yizhan.Indicator, by *yizhan.Principal) IndicatorReport {
	r := IndicatorReport{LayerHeadReport: reportLayerHead(&i.LayerHead, by), Kind: i.Kind, Level: i.Level, Measure: i.Measure, Dates: []ReleaseReport{}}
	for n := range i.Releases {
		r.Dates = append(r.Dates, reportRelease(i, &i.Releases[n], by))
	}
	return r
}

func reportRelease(i *yizhan.Indicator, head *yizhan.ReleaseHead, by *yizhan.Principal) ReleaseReport {
	r := ReleaseReport{Date: head.Date.Format(time.DateOnly), Source: head.Source, Figures: head.Figures, Weighs: i.CanWeigh(head) == nil, CreatedAt: head.CreatedAt}
	if i.Kind.Sums() {
		sum := head.Sum
		r.Sum = &sum
	}
	if by.May(yizhan.ActReadStaff, "") {
		r.Author = head.Author
	}
	return r
}

// ValuesReport is the figures of a date.
type ValuesReport struct {
	Indicator IndicatorReport `json:"indicator"`
	ReleaseReport
	Values []ValueReport `json:"values" nullable:"false" doc:"By code of the unit; those without data have null"`
}

// ValueReport is the figure of a unit.
type ValueReport struct {
	Unit   string   `json:"unit" example:"150702"`
	Name   string   `json:"name" doc:"Empty for a unit that is no more"`
	NameEn string   `json:"name_en"`
	Value  *float64 `json:"value" doc:"Null for no data"`
}

// ValueCollection is the figures of a date as GeoJSON.
type ValueCollection struct {
	Type      string         `json:"type" enum:"FeatureCollection"`
	Indicator string         `json:"indicator"`
	Date      string         `json:"date" format:"date"`
	Features  []ValueFeature `json:"features" nullable:"false"`
}

// ValueFeature is a unit with its figure.
type ValueFeature struct {
	Type       string         `json:"type" enum:"Feature"`
	ID         string         `json:"id"`
	Geometry   maybe[outline] `json:"geometry"`
	Properties ValueReport    `json:"properties"`
}

// reportValues puts beside the figures the units that have none. Figures of units that are no more come last.
func reportValues(i *yizhan.Indicator, r *yizhan.Release, city *yizhan.City, by *yizhan.Principal) ValuesReport {
	report := ValuesReport{Indicator: reportIndicator(i, by), ReleaseReport: reportRelease(i, &r.ReleaseHead, by), Values: []ValueReport{}}
	values := make(map[string]float64, len(r.Figures))
	for _, f := range r.Figures {
		values[f.Unit] = f.Value
	}
	for _, unit := range unitsOf(i, city) {
		v := ValueReport{Unit: unit.Code, Name: unit.Name, NameEn: unit.NameEn}
		if value, has := values[unit.Code]; has {
			v.Value = &value
			delete(values, unit.Code)
		}
		report.Values = append(report.Values, v)
	}
	for _, f := range r.Figures {
		if value, left := values[f.Unit]; left {
			report.Values = append(report.Values, ValueReport{Unit: f.Unit, Value: &value})
		}
	}
	return report
}

// valuesTable is the figures as a table to take away.
func valuesTable(report ValuesReport, city *yizhan.City, hasPlaceless bool) table {
	share := report.Indicator.Kind == yizhan.ShareKind
	t := table{plainName: "indicator-" + report.Indicator.ID, Table: exports.Table{
		Name: report.Indicator.Name,
		Columns: []exports.Column{
			{Name: "code", Title: "代码", Type: exports.TextType}, {Name: "name", Title: "名称", Type: exports.TextType},
			{Name: "value", Title: report.Indicator.Name, Type: exports.FloatType, Nullable: true, Unit: report.Indicator.Measure, Share: share, Decimals: 2},
			{Name: "place", Title: "位置", Type: exports.PointType, Nullable: hasPlaceless, Description: "The seat, or the middle of the extent"},
		},
		About: []exports.Fact{{Label: "日期 date", Text: report.Date}, {Label: "来源 source", Text: report.Source}, {Label: "类别 kind", Text: string(report.Indicator.Kind)},
			{Label: "级别 level", Text: string(report.Indicator.Level)}, {Label: "说明 note", Text: report.Indicator.Note}},
		Rows: rowsOf(report.Values, func(_ int, v ValueReport) []exports.Value {
			return []exports.Value{exports.Text(v.Unit), exports.Text(v.Name), floatOrNull(v.Value), placeOf(city.Units[v.Unit])}
		}),
	}}
	if report.Indicator.Synthetic {
		t.About = append(t.About, exports.Fact{Label: "演示数据 synthetic", Text: "true"})
	}
	return t
}

func placeOf(unit *yizhan.Unit) exports.Value {
	if at := middleOfUnit(unit); at != nil {
		return exports.Point(*at)
	}
	return exports.Null()
}

// middleOfUnit is middleOf, and nil for a unit that is no more.
func middleOfUnit(unit *yizhan.Unit) *orb.Point {
	if unit == nil {
		return nil
	}
	return middleOf(unit)
}
