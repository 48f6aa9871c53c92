package coverage

import (
	"math"
	"slices"
)

// UnitDiff is a unit before and after.
type UnitDiff struct {
	Unit          string
	Before, After UnitFigures
}

// Unmet is by how much the unmet demand falls (negative) or rises, in households times Weight. Known is of
// what is covered for sure, Possible of what may be: they are differences, not the ends of an interval.
func (d UnitDiff) Unmet() Interval {
	before, after := d.Before.Unmet(), d.After.Unmet()
	return Interval{after.Possible - before.Possible, after.Known - before.Known}
}

// Diff compares two states of one model unit by unit, such as a city and a scenario of it.
func Diff(before, after *State, units []string) ([]UnitDiff, error) {
	if before.Model() != after.Model() {
		return nil, invalid("model", "is not the same before and after")
	}
	diffs := make([]UnitDiff, len(units))
	for i, unit := range units {
		diffs[i] = UnitDiff{unit, before.Figures(unit), after.Figures(unit)}
	}
	return diffs, nil
}

// ServiceDiff is what a scenario does to one model, by units and through the week.
type ServiceDiff struct {
	Model       Model
	Units       []UnitDiff
	HoursBefore WeekFigures // of the whole city
	HoursAfter  WeekFigures
}

// Compare compares two engines by units and by the hours of the week, under several models, as a rule one a
// service. The hours do not depend on the time that a model asks about.
func Compare(before, after *Engine, units []string, models ...Model) ([]ServiceDiff, error) {
	diffs := make([]ServiceDiff, len(models))
	timeless := slices.Clone(models)
	for i, m := range models {
		was, err := before.State(m)
		if err != nil {
			return nil, err
		}
		is, err := after.State(m)
		if err != nil {
			return nil, err
		}
		diffs[i].Model = m
		if diffs[i].Units, err = Diff(was, is, units); err != nil {
			return nil, err
		}
		timeless[i].Time = Time{}
	}
	hoursBefore, err := before.Hours("", timeless...)
	if err != nil {
		return nil, err
	}
	hoursAfter, err := after.Hours("", timeless...)
	if err != nil {
		return nil, err
	}
	for i := range diffs {
		diffs[i].HoursBefore, diffs[i].HoursAfter = hoursBefore[i], hoursAfter[i]
	}
	return diffs, nil
}

// BreakRule is how values are put into classes.
type BreakRule uint8

// The rules.
const (
	// EqualSteps parts the range of the values into classes of one width.
	EqualSteps BreakRule = iota
	// Quantiles puts as many values into each class as can be: break k of n classes is the least value that
	// at least k/n of the values do not exceed.
	Quantiles
)

// Breaks parts values into at most so many classes, the same for all that are compared: put the values
// of all scenarios together. The breaks are the upper ends of the classes, ascending and different, the
// last the greatest value. Values that are not finite are left out; without any there is no break.
func Breaks(values []float64, classes int, rule BreakRule) ([]float64, error) {
	if classes < 1 || classes > maxClasses {
		return nil, invalid("classes", "%d are not in 1..%d", classes, maxClasses)
	}
	if rule > Quantiles {
		return nil, invalid("breaks", "%d is no rule", rule)
	}
	sorted := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	if len(sorted) == 0 {
		return nil, nil
	}
	slices.Sort(sorted)
	least, greatest := sorted[0], sorted[len(sorted)-1]
	breaks := make([]float64, 0, classes)
	for k := 1; k < classes; k++ {
		at := sorted[(k*len(sorted)+classes-1)/classes-1]
		if part := float64(k) / float64(classes); rule == EqualSteps {
			at = least*(1-part) + greatest*part
		}
		breaks = append(breaks, min(at, greatest))
	}
	return slices.Compact(append(breaks, greatest)), nil
}

const maxClasses = 100

// ClassOf is the first class whose break is not below the value, from 0; beyond the last break it is the
// last class.
func ClassOf(value float64, breaks []float64) int {
	at, _ := slices.BinarySearch(breaks, value)
	return max(min(at, len(breaks)-1), 0)
}
