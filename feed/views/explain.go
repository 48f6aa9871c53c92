package views

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
)

// Explain tells how a figure comes about: which stations are in reach, how far they are, whether they are
// open and offer what is asked for, and the formula with its numbers.
func (p *Picture) Explain(q Question, at Place) (Explanation, error) {
	given := 0
	for _, is := range []bool{at.Unit != "", at.Cell != "", at.Point != nil} {
		if is {
			given++
		}
	}
	if given > 1 {
		return Explanation{}, yizhan.Invalid("cell", "give a unit, a cell or a point, not several")
	}
	state, _, err := p.state(q)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Basis: p.basis(q)}
	if at.Cell == "" && at.Point == nil {
		return p.explainUnit(e, q, state, at.Unit)
	}
	found, err := explainPlace(state, at)
	if err != nil {
		return Explanation{}, err
	}
	e.Cell = p.tellCell(&found)
	e.Formula = append(reachSteps(e.Model), cellSteps(e.Basis, &found)...)
	return e, nil
}

func explainPlace(state *coverage.State, at Place) (coverage.Explanation, error) {
	if at.Point != nil {
		found, err := state.ExplainPoint(*at.Point)
		return found, asked(err)
	}
	cell, err := hex.Parse(at.Cell)
	if err != nil {
		return coverage.Explanation{}, yizhan.Invalid("cell", "%q is no H3 cell", at.Cell)
	}
	found, err := state.ExplainCell(cell)
	var input *coverage.InputError
	if errors.As(err, &input) {
		return found, yizhan.Invalid("cell", "%s is of resolution %d; for this reach cells are of resolution %d", cell, cell.Resolution(), state.Demand().Resolution())
	}
	return found, err
}

func (p *Picture) tellCell(found *coverage.Explanation) *CellExplanation {
	cell := &CellExplanation{
		Cell: found.Cell, Center: found.Center, Households: found.Households, Units: p.named(found.Parts),
		Count: found.SitesCount, CoveredWeight: found.CoveredWeight, CrossWeight: found.CrossWeight,
	}
	for _, w := range found.Sites {
		cell.Stations = append(cell.Stations, StationWitness{
			Station: findStation(p.stations, w.Site.Code), At: w.Site.At, DistanceM: w.DistanceM, WayM: w.WayM,
			Sure: w.Sure, Maybe: w.Maybe, Services: servicesIn(w.Services), MaybeServices: servicesIn(w.MaybeServices),
			LeftOutCold: w.Cold, OpenWeight: w.OpenWeight,
		})
	}
	return cell
}

func (p *Picture) explainUnit(e Explanation, q Question, state *coverage.State, code string) (Explanation, error) {
	unit, err := p.find(code)
	if err != nil {
		return Explanation{}, err
	}
	of, err := p.unitFigures(q)
	if err != nil {
		return Explanation{}, err
	}
	found := state.ExplainUnit(prefixOf(unit))
	e.Unit = &UnitExplanation{UnitFigures: of(unit)}
	for _, s := range found.Sites {
		e.Unit.Stations = append(e.Unit.Stations, StationReach{
			Station: findStation(p.stations, s.Site.Code), At: s.Site.At, Sure: s.Sure, Maybe: s.Maybe, Reached: s.Reached, Alone: s.Alone,
		})
	}
	e.Formula = append(reachSteps(e.Model), unitSteps(e.Basis, &e.Unit.UnitFigures)...)
	return e, nil
}

// reachSteps tell how far a station reaches.
func reachSteps(m Model) []Step {
	if m.Mode == ModeRadius {
		return []Step{{"reach", "d ≤ r", "d ≤ " + number(m.ReachM) + " m"}}
	}
	kmh := 5
	if m.Mode == ModeEBike {
		kmh = 15
	}
	if m.WalkFactor != 1 {
		return []Step{{"reach", "d ≤ v·t·f/κ", fmt.Sprintf("d ≤ %d km/h · %s min · %s / %s = %s m", kmh, number(m.Minutes), number(m.WalkFactor), number(coverage.Detour), number(m.ReachM))}}
	}
	return []Step{{"reach", "d ≤ v·t/κ", fmt.Sprintf("d ≤ %d km/h · %s min / %s = %s m", kmh, number(m.Minutes), number(coverage.Detour), number(m.ReachM))}}
}

func cellSteps(b Basis, e *coverage.Explanation) []Step {
	m := b.Model
	steps := []Step{
		{"stations", "n = |{s : d(c,s) ≤ r, s counts}|", "n = " + interval(e.SitesCount)},
		{"share of the time covered", "W = Σ ω·z / Σ ω", fmt.Sprintf("W = %s / %d", interval(e.CoveredWeight), m.Weight)},
		{"share of the time cross-covered", "W₂ = Σ ω·z₂ / Σ ω", fmt.Sprintf("W₂ = %s / %d", interval(e.CrossWeight), m.Weight)},
	}
	unmet := Interval{Known: e.Households * (m.Weight - e.CoveredWeight.Possible), Possible: e.Households * (m.Weight - e.CoveredWeight.Known)}
	return append(steps, Step{"unmet demand", "U = H·(1 − W)", fmt.Sprintf("U = %s / %d = %s %s", interval(unmet), m.Weight, households(unmet, m.Weight), b.Counted.MeasureOr("households"))})
}

func unitSteps(b Basis, f *UnitFigures) []Step {
	m, measure := b.Model, b.Counted.MeasureOr("households")
	covered := Interval{Known: f.Covered, Possible: f.PossiblyCovered}
	cross := Interval{Known: f.CrossCovered, Possible: f.PossiblyCrossCovered}
	first := []Step{
		{"households", "H = Σ h over micro-grids", fmt.Sprintf("H = %d", f.Households)},
		{"covered households", "Σ H over cells with n ≥ 1", fmt.Sprintf("%s of %d", interval(covered), f.Households)},
		{"cross-covered households", "Σ H over cells with n ≥ 2", fmt.Sprintf("%s of %d", interval(cross), f.Households)},
	}
	if b.Counted != nil {
		first = countedSteps(b.Counted, f, covered, cross)
	}
	return append(first, Step{"unmet demand", "U = Σ H·(1 − W)", fmt.Sprintf("U = (%d·%d − %s) / %d = %s %s",
		f.Households, m.Weight, interval(f.CoveredWeight), m.Weight, households(f.UnmetWeight, m.Weight), measure)})
}

// countedSteps say of what is counted in place of households where it comes from.
func countedSteps(c *Counted, f *UnitFigures, covered, cross Interval) []Step {
	measure := c.MeasureOr("")
	return []Step{
		{"counted", "H = Σ F·hₖ / h", fmt.Sprintf("H = %d %s (%s, %s)", f.Households, measure, c.Title, c.Date)},
		{"counted and covered", "Σ H over cells with n ≥ 1", fmt.Sprintf("%s of %d %s", interval(covered), f.Households, measure)},
		{"counted and cross-covered", "Σ H over cells with n ≥ 2", fmt.Sprintf("%s of %d %s", interval(cross), f.Households, measure)},
	}
}

func interval(i Interval) string {
	if i.Known == i.Possible {
		return strconv.FormatInt(i.Known, 10)
	}
	return fmt.Sprintf("%d…%d", i.Known, i.Possible)
}

func households(weighted Interval, weight int64) string {
	known, possible := number(float64(weighted.Known)/float64(weight)), number(float64(weighted.Possible)/float64(weight))
	if known == possible {
		return known
	}
	return known + "…" + possible
}

// number is a figure for a reader: with two decimals at most.
func number(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', 2, 64), "0"), ".")
}
