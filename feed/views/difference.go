package views

import (
	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/coverage"
)

// Difference compares the picture with another one: by the unit and those right below it, by the hours of
// the week for each service named and for the question as a whole, and by gaps.
func (p *Picture) Difference(q Question, base *Picture, unit string) (Difference, error) {
	if err := sameWeight(p, base); err != nil {
		return Difference{}, err
	}
	diff := Difference{Basis: p.basis(q), Base: base.basis(q)}
	was, err := base.Figures(q, unit)
	if err != nil {
		return Difference{}, err
	}
	is, err := p.Figures(q, unit)
	if err != nil {
		return Difference{}, err
	}
	diff.Unit = UnitDifference{was.UnitFigures, is.UnitFigures}
	diff.Children = childDifferences(was.Children, is.Children)
	if diff.Services, err = p.serviceDifferences(q, base, unit); err != nil {
		return Difference{}, err
	}
	diff.Gaps, err = p.gapDifferences(q, base)
	return diff, err
}

// childDifferences pairs units by code, both lists being in that order. A unit that is in one list only
// has no figures, and no Unit, on the other side.
func childDifferences(was, is []UnitFigures) []UnitDifference {
	var pairs []UnitDifference
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && was[0].Unit.Code < is[0].Unit.Code:
			pairs, was = append(pairs, UnitDifference{Before: was[0]}), was[1:]
		case len(was) == 0 || is[0].Unit.Code < was[0].Unit.Code:
			pairs, is = append(pairs, UnitDifference{After: is[0]}), is[1:]
		default:
			pairs, was, is = append(pairs, UnitDifference{was[0], is[0]}), was[1:], is[1:]
		}
	}
	return pairs
}

func (p *Picture) serviceDifferences(q Question, base *Picture, unit string) ([]ServiceDifference, error) {
	was, err := base.Hours(q, unit)
	if err != nil {
		return nil, err
	}
	is, err := p.Hours(q, unit)
	if err != nil {
		return nil, err
	}
	diffs := make([]ServiceDifference, len(is.Services))
	for i := range diffs {
		diffs[i] = ServiceDifference{is.Services[i].Service, was.Services[i], is.Services[i]}
	}
	return diffs, nil
}

func (p *Picture) gapDifferences(q Question, base *Picture) ([]GapDifference, error) {
	was, err := base.gapsOf(q)
	if err != nil {
		return nil, err
	}
	is, err := p.gapsOf(q)
	if err != nil {
		return nil, err
	}
	changes, err := coverage.GapDiff(was.Gaps, is.Gaps)
	if err != nil {
		return nil, err
	}
	diffs := make([]GapDifference, len(changes))
	for i, c := range changes {
		diffs[i] = GapDifference{
			Kind: c.Kind.String(), Before: was.ids(c.Before), After: is.ids(c.After),
			CellsGained: c.CellsGained, CellsLost: c.CellsLost, HouseholdsGained: c.HouseholdsGained, HouseholdsLost: c.HouseholdsLost,
		}
		set, gaps := is, c.After
		if len(gaps) == 0 {
			set, gaps = was, c.Before
		}
		for _, gap := range gaps {
			outline, err := set.Outline(gap)
			if err != nil {
				return nil, err
			}
			diffs[i].Outline = append(diffs[i].Outline, outline...)
		}
	}
	return diffs, nil
}

func (s *gapSet) ids(gaps []int) []string {
	ids := make([]string, len(gaps))
	for i, gap := range gaps {
		ids[i] = s.Gap(gap).ID
	}
	return ids
}

// MaxCompared bounds the pictures of a comparison.
const MaxCompared = 8

// classes is how many a comparison puts units into.
const classes = 5

// Compare puts pictures side by side: the unit and those right below it, with the same classes for all. The
// classes are fifths of all shares in all pictures together.
func Compare(q Question, unit string, pictures []*Picture) (Comparison, error) {
	if len(pictures) == 0 || len(pictures) > MaxCompared {
		return Comparison{}, yizhan.Invalid("scenarios", "%d are not in 1..%d", len(pictures), MaxCompared)
	}
	var comparison Comparison
	columns := make([][]UnitFigures, len(pictures))
	for i, p := range pictures {
		if err := sameWeight(p, pictures[0]); err != nil {
			return Comparison{}, err
		}
		figures, err := p.Figures(q, unit)
		if err != nil {
			return Comparison{}, err
		}
		comparison.Bases = append(comparison.Bases, p.basis(q))
		columns[i] = append([]UnitFigures{figures.UnitFigures}, figures.Children...)
	}
	comparison.Model = comparison.Bases[0].Model
	comparison.Units = alignUnits(columns)
	var err error
	if comparison.Breaks, err = coverage.Breaks(sharesOf(comparison.Units), classes, coverage.Quantiles); err != nil {
		return Comparison{}, err
	}
	for i := range comparison.Units {
		comparison.Units[i].classify(comparison.Breaks)
	}
	return comparison, nil
}

// alignUnits makes rows of columns: a unit that a column lacks has no figures there, and no Unit.
func alignUnits(columns [][]UnitFigures) []ComparedUnit {
	var rows []ComparedUnit
	at := map[string]int{}
	for i, column := range columns {
		for _, figures := range column {
			row, known := at[figures.Unit.Code]
			if !known {
				row = len(rows)
				at[figures.Unit.Code] = row
				rows = append(rows, ComparedUnit{Unit: figures.Unit, Figures: make([]UnitFigures, len(columns))})
			}
			rows[row].Figures[i] = figures
		}
	}
	return rows
}

// sharesOf lists the shares of the time and households that are covered for sure, without those of the whole.
func sharesOf(units []ComparedUnit) []float64 {
	var shares []float64
	for i := range units {
		for _, figures := range units[i].Figures {
			if figures.Rate.Known != nil && (i > 0 || len(units) == 1) {
				shares = append(shares, *figures.Rate.Known)
			}
		}
	}
	return shares
}

func (u *ComparedUnit) classify(breaks []float64) {
	u.Classes = make([]int, len(u.Figures))
	for i, figures := range u.Figures {
		if u.Classes[i] = -1; figures.Rate.Known != nil && len(breaks) > 0 {
			u.Classes[i] = coverage.ClassOf(*figures.Rate.Known, breaks)
		}
	}
}
