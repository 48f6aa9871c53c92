package intake

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Settlement is what a person decided about a record that was left to them: which feature, or which unit, is meant
// by a field, or that the record is left out.
type Settlement struct {
	Row   int64
	Field string // that the problem was about; empty if the record is left out
	Code  string // of what the field means; empty if the record is left out
}

// MaxSettled bounds how many records a person settles: more is work for the file.
const MaxSettled = 2_000

const maxCode = 64 // characters of a code

func validateSettled(list []Settlement, fields []Field) error {
	if len(list) > MaxSettled {
		return yizhan.Invalid("settled", "has %d items; %d are allowed: mend the file", len(list), MaxSettled)
	}
	seen := map[asked]bool{}
	for _, s := range list {
		switch {
		case s.Row < 1:
			return yizhan.Invalid("settled", "has a row that is not counted from 1")
		case (s.Field == "") != (s.Code == ""):
			return yizhan.Invalid("settled", "needs both a field and a code for row %d, or neither to leave it out", s.Row)
		case len(s.Code) > maxCode:
			return yizhan.Invalid("settled", "has a code of more than %d characters for row %d", maxCode, s.Row)
		case s.Field != "" && !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == s.Field }):
			return yizhan.Invalid("settled", "%q is not a field", importers.Clip(s.Field))
		case seen[asked{s.Row, s.Field}]:
			return yizhan.Invalid("settled", "has two answers for row %d", s.Row)
		}
		seen[asked{s.Row, s.Field}] = true
	}
	return nil
}

// asked is a question: what a field of a row means.
type asked struct {
	row   int64
	field string
}

// decisions are settlements, to be looked up.
type decisions map[asked]string

func decisionsOf(list []Settlement) decisions {
	d := decisions{}
	for _, s := range list {
		d[asked{s.Row, s.Field}] = s.Code
	}
	return d
}

// leavesOut tells whether a record is left out.
func (d decisions) leavesOut(row int64) bool { _, is := d[asked{row, ""}]; return is }

// decided is the code that a person chose for a field of the record; empty for none.
func (r *reader) decided(field string) string { return r.settled[asked{r.row, field}] }

const (
	maxCandidates = 8         // of one record
	maxCompared   = 4_000_000 // names that are compared in one check, so that a list of nothing but strangers takes no longer
	alike         = 0.7
)

// leave notes that only a person can tell what a field means, with what it may be.
func (r *reader) leave(code, field, value, message string, candidates []importers.Candidate) {
	r.note(importers.Left, code, field, value, message)
	r.problems[len(r.problems)-1].Candidates = candidates[:min(len(candidates), maxCandidates)]
}

// candidatesOf describes features that a record may be about.
func candidatesOf[F yizhan.Feature](r *reader, features []F) []importers.Candidate {
	list := make([]importers.Candidate, 0, min(len(features), maxCandidates))
	for _, f := range features[:min(len(features), maxCandidates)] {
		list = append(list, r.candidateOf(f))
	}
	return list
}

func (r *reader) candidateOf(f yizhan.Feature) importers.Candidate {
	switch f := f.(type) {
	case *yizhan.Station:
		return importers.Candidate{Code: f.Code, Name: f.Name, Unit: r.places.nameOf(f.Community)}
	case *yizhan.MicroGrid:
		return importers.Candidate{Code: f.Code, Name: f.Name, Unit: r.places.nameOf(f.Community)}
	case *yizhan.Unit:
		return importers.Candidate{Code: f.Code, Name: f.Name, Unit: r.places.nameOf(f.Parent)}
	}
	panic(fmt.Sprintf("intake: no candidate can be a %T", f))
}

// nameOf is the name of a unit under that of the one above it.
func (p *places) nameOf(code string) string {
	u := p.city.Units[code]
	if u == nil {
		return ""
	}
	if above := p.city.Units[u.Parent]; above != nil && above.Level != yizhan.LevelCity {
		return above.Name + " " + u.Name
	}
	return u.Name
}

// similar lists features whose names are much like a name, the likest first.
func similar[F yizhan.Feature](r *reader, name string, features iter.Seq2[string, F]) []importers.Candidate {
	type scored struct {
		of    F
		score float64
	}
	var found []scored
	wanted := sketchOf(name)
	for called, f := range features {
		if r.compared++; r.compared > maxCompared {
			break
		}
		if score := wanted.likeness(called); score >= alike {
			found = append(found, scored{f, score})
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.of.Ref().Code, b.of.Ref().Code))
	})
	ordered := make([]F, len(found))
	for i, one := range found {
		ordered[i] = one.of
	}
	return candidatesOf(r, ordered)
}

// sketch is what of a name is compared: its characters, and which of them are neighbours.
type sketch struct {
	characters map[rune]int
	pairs      map[[2]rune]bool
	length     int
}

func sketchOf(name string) sketch {
	s := sketch{map[rune]int{}, map[[2]rune]bool{}, 0}
	last := rune(0)
	for _, c := range plain(name) {
		s.characters[c]++
		s.pairs[[2]rune{last, c}] = true
		last = c
		s.length++
	}
	return s
}

// likeness is how much of two names is the same characters, from 0 to 1. Among equals those with the same neighbours come
// first, which adds a little.
func (s sketch) likeness(name string) float64 {
	common, neighbours, n := 0, 0, 0
	last := rune(0)
	seen := map[rune]int{}
	for _, c := range plain(name) {
		n++
		if seen[c]++; seen[c] <= s.characters[c] {
			common++
		}
		if s.pairs[[2]rune{last, c}] {
			neighbours++
		}
		last = c
	}
	if n+s.length == 0 {
		return 0
	}
	return (2*float64(common) + float64(neighbours)/100) / float64(n+s.length)
}
