package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/feed/views"
)

// GapTotals are about all gaps of a unit.
type GapTotals struct {
	AnswerBasis
	Unit       UnitName `json:"unit"`
	Total      int      `json:"total" doc:"Gaps that touch the unit; the list may have fewer"`
	Cells      int      `json:"cells" doc:"In all of them"`
	Households int64    `json:"households" doc:"In all of them, of the unit or beyond its border"`
}

// GapListReport lists gaps.
type GapListReport struct {
	GapTotals
	Gaps []GapReport `json:"gaps" nullable:"false" doc:"Those with most households first"`
}

// GapReport is a gap without its outline.
type GapReport struct {
	ID         string               `json:"id" doc:"The H3 index of its cell with most households"`
	Cells      int                  `json:"cells"`
	Households int64                `json:"households"`
	Center     coordinates          `json:"center"`
	BBox       box                  `json:"bbox"`
	Reason     string               `json:"reason" enum:"none_in_reach,hours_unknown,closed_then,unheated,service_missing" doc:"Of most of its households"`
	Reasons    []GapReasonReport    `json:"reasons" nullable:"false"`
	Units      []UnitHouseholdsPart `json:"units" nullable:"false" doc:"Communities with households in it, by code"`
	Nearest    maybe[GapNearest]    `json:"nearest" doc:"The nearest station that counts; null if there is none"`
	BestSite   maybe[GapBestSite]   `json:"best_site" doc:"The best single place for one more station; null in a sketch"`
}

// GapReasonReport are households for which a reason holds.
type GapReasonReport struct {
	Reason     string `json:"reason"`
	Households int64  `json:"households"`
}

// UnitHouseholdsPart are some households of a unit.
type UnitHouseholdsPart struct {
	Unit       string `json:"unit"`
	Name       string `json:"name"`
	Households int64  `json:"households"`
}

// GapNearest is the station nearest to a gap.
type GapNearest struct {
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Location coordinates `json:"location"`
	EdgeM    float64     `json:"edge_m" doc:"Metres from the nearest cell of the gap"`
}

// GapBestSite is a place for a station that serves a gap.
type GapBestSite struct {
	H3              string      `json:"h3"`
	Location        coordinates `json:"location"`
	Households      int64       `json:"households" doc:"Newly covered, of all gaps"`
	HouseholdsOfGap int64       `json:"households_of_gap" doc:"Newly covered, of this one"`
}

// GapCollection lists gaps as GeoJSON.
type GapCollection struct {
	Type string `json:"type" enum:"FeatureCollection"`
	GapTotals
	Features []GapFeature `json:"features" nullable:"false" doc:"Those with most households first"`
}

// GapFeature is a gap as GeoJSON.
type GapFeature struct {
	Type       string      `json:"type" enum:"Feature"`
	ID         string      `json:"id"`
	Geometry   outline     `json:"geometry"`
	Properties GapReport   `json:"properties"`
	Basis      *GapRestsOn `json:"basis,omitempty" doc:"What the answer rests on; of a list it stands beside the features"`
}

// GapRestsOn is what a single gap rests on.
type GapRestsOn AnswerBasis

// coordinates is a place in an answer.
type coordinates orb.Point

// Schema is that of a position.
func (coordinates) Schema(r huma.Registry) *huma.Schema { return Position{}.Schema(r) }

// MarshalJSON writes lng, lat on the grid of all coordinates.
func (c coordinates) MarshalJSON() ([]byte, error) { return appendPosition(nil, orb.Point(c)), nil }

// box is an extent in an answer.
type box orb.Bound

// Schema is that of a bounding box.
func (box) Schema(r huma.Registry) *huma.Schema { return BBox{}.Schema(r) }

// MarshalJSON writes west, south, east, north.
func (b box) MarshalJSON() ([]byte, error) {
	dst := []byte{'['}
	for i, x := range []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]} {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendDegrees(dst, x)
	}
	return append(dst, ']'), nil
}

// outline is a shape in an answer.
type outline orb.MultiPolygon

// Schema is that of an area.
func (outline) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[AreaGeometry](), true, "")
}

// MarshalJSON writes GeoJSON.
func (o outline) MarshalJSON() ([]byte, error) { return appendGeometry(nil, orb.MultiPolygon(o)), nil }

func gapTotalsOf(list *views.GapList) GapTotals {
	return GapTotals{basisOf(list.Basis), UnitName{list.Unit.Code, list.Unit.Name}, list.Total, list.Cells, list.Households}
}

func gapReportOf(g *views.Gap) GapReport {
	report := GapReport{ID: g.ID, Cells: g.Cells, Households: g.Households, Center: coordinates(g.Center), BBox: box(g.Bound), Reason: string(g.Reason),
		Reasons: []GapReasonReport{}, Units: unitHouseholdsOf(g.Units)}
	if b := g.BestSite; b.Cell != 0 {
		report.BestSite.value = &GapBestSite{b.Cell.String(), coordinates(b.At), b.Households, b.OfGap}
	}
	for _, r := range g.Reasons {
		report.Reasons = append(report.Reasons, GapReasonReport{string(r.Reason), r.Households})
	}
	if n := g.Nearest; n != nil {
		report.Nearest.value = &GapNearest{n.Code, n.Name, coordinates(n.At), rounded(n.EdgeM, 1)}
	}
	return report
}

func unitHouseholdsOf(units []views.UnitHouseholds) []UnitHouseholdsPart {
	parts := make([]UnitHouseholdsPart, len(units))
	for i, u := range units {
		parts[i] = UnitHouseholdsPart{u.Unit, u.Name, u.Households}
	}
	return parts
}

func gapFeatureOf(g *views.Gap, basis *AnswerBasis) GapFeature {
	return GapFeature{"Feature", g.ID, outline(g.Outline), gapReportOf(g), (*GapRestsOn)(basis)}
}
