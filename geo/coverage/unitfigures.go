package coverage

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
	"strings"
)

// UnitFigures are those of all units whose codes begin with a prefix. All but Weight are sums: those of
// the parts of a unit add up to its own exactly.
type UnitFigures struct {
	Households int64
	Weight     int64 // of all the time asked about; 1 without a time or at one instant
	Tally

	// Areas are those of the cells with households, in whole square metres. A cell belongs to the unit
	// with most of its households, of those with the same to the first by code.
	AreaM2        int64
	CoveredAreaM2 Interval // of the cells that are covered at some moment asked about

	Sites Interval // of the unit, that count
}

// Figures sums up the units whose codes begin with the prefix.
func (s *State) Figures(prefix string) UnitFigures {
	d := s.demand
	from, to := d.unitsWith(prefix)
	f := UnitFigures{
		Households: d.households[to] - d.households[from], Weight: s.judge.total,
		AreaM2: d.homeAreaM2(from, to), Sites: s.sitesIn(prefix),
	}
	for unit := int32(from); unit < int32(to); unit++ {
		u := s.units.at(unit)
		f.Tally = f.Tally.Plus(u.Tally)
		f.CoveredAreaM2 = f.CoveredAreaM2.Plus(u.areaM2)
	}
	return f
}

// Unmet (U) is households times the weight of the time when no site reaches them: what is surely unmet,
// and what is unless all that is not known turns out well. U divided by Weight is in households.
func (f UnitFigures) Unmet() Interval {
	all := f.Households * f.Weight
	return Interval{all - f.CoveredWeight.Possible, all - f.CoveredWeight.Known}
}

// Rate is CoveredWeight as a part of all; ok is false where there are no households.
func (f UnitFigures) Rate() (known, possible float64, ok bool) {
	all := f.Households * f.Weight
	if all == 0 {
		return 0, 0, false
	}
	return float64(f.CoveredWeight.Known) / float64(all), float64(f.CoveredWeight.Possible) / float64(all), true
}

// SitesPer10000 is how many sites of the unit count for 10,000 of its households; ok is false where
// there are no households.
func (f UnitFigures) SitesPer10000() (known, possible float64, ok bool) {
	if f.Households == 0 {
		return 0, 0, false
	}
	per := func(sites int64) float64 { return float64(sites*10_000) / float64(f.Households) }
	return per(f.Sites.Known), per(f.Sites.Possible), true
}

// RankedUnit is a unit to be ranked.
type RankedUnit struct {
	Unit string
	UnitFigures
}

// Rank puts units in the order of need, all of one state: the most unmet households first, counting
// what is sure as covered only; of equal ones that with the lower rate, those without households last;
// then by code.
func Rank(units []RankedUnit) {
	slices.SortFunc(units, func(a, b RankedUnit) int {
		return cmp.Or(
			cmp.Compare(b.Unmet().Possible, a.Unmet().Possible),
			compareRates(&a.UnitFigures, &b.UnitFigures),
			strings.Compare(a.Unit, b.Unit),
		)
	})
}

// compareRates compares fractions as integers, so that equal ones are equal.
func compareRates(a, b *UnitFigures) int {
	if a.Households == 0 || b.Households == 0 {
		return cmp.Compare(b.Households, a.Households)
	}
	aHigh, aLow := bits.Mul64(uint64(a.CoveredWeight.Known), uint64(b.Households*b.Weight))
	bHigh, bLow := bits.Mul64(uint64(b.CoveredWeight.Known), uint64(a.Households*a.Weight))
	return cmp.Or(cmp.Compare(aHigh, bHigh), cmp.Compare(aLow, bLow))
}

// sitesIn counts the sites that count in the units of a prefix.
func (s *State) sitesIn(prefix string) Interval {
	c := &s.counting
	c.once.Do(func() {
		for i := range s.sites {
			v := s.judge.merit(&s.sites[i])
			if v.sure != 0 {
				c.known = append(c.known, s.sites[i].Unit)
			}
			if v.maybe != 0 {
				c.possible = append(c.possible, s.sites[i].Unit)
			}
		}
		slices.Sort(c.known)
		slices.Sort(c.possible)
	})
	return Interval{countPrefix(c.known, prefix), countPrefix(c.possible, prefix)}
}

// countPrefix counts the codes, which are ascending, that begin with a prefix.
func countPrefix(codes []string, prefix string) int64 {
	from, _ := slices.BinarySearch(codes, prefix)
	rest := codes[from:]
	return int64(sort.Search(len(rest), func(i int) bool { return !strings.HasPrefix(rest[i], prefix) }))
}
