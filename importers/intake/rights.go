package intake

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// What somebody may not change is told by the check, row by row, and not first by the commit, which asks again.

// change notes what would be done to a feature, or, as a problem, that whoever checks may not do it. The number is that
// among the changes of its op.
func (r *run) change(c Change, before yizhan.Feature) (number int64, noted bool, err error) {
	if !r.check.summary.NoRights { // anywhere, which is told once
		if outside, may := r.by.MayChange(c.Ref.Collection, before, c.Feature()); !may {
			return 0, false, r.deny(c, before, outside)
		}
	}
	number, err = r.check.change(c)
	return number, true, err
}

func (r *run) deny(c Change, before yizhan.Feature, outside string) error {
	r.check.summary.Denied++
	p := importers.Problem{Severity: importers.Refused, Row: c.Row, Code: importers.OutsideRights, Field: "code", Value: c.Ref.Code,
		Message: fmt.Sprintf("lies in %s, outside the rights of this account", r.places.unitOf(outside)), Place: r.places.placeOf(c.Feature(), before)}
	if i, ok := r.columns["code"]; ok && i < len(r.headings) {
		p.Column = r.headings[i]
	}
	return r.check.problem(p)
}

// unitOf names the unit that a code is of, or, for that of a micro-grid, lies in.
func (p *places) unitOf(code string) string {
	if p.city.Units[code] == nil && len(code) > communityDigits {
		code = code[:communityDigits]
	}
	if name := p.nameOf(code); name != "" {
		return name
	}
	return code
}

const communityDigits = 12

// placeOf is where the first of the features that has a place is; nil if that is unknown.
func (p *places) placeOf(features ...yizhan.Feature) *orb.Point {
	for _, f := range features {
		var at orb.Point
		switch f := f.(type) {
		case *yizhan.Station:
			at = f.Location
		case *yizhan.MicroGrid:
			at = f.Boundary.Bound().Center()
		case *yizhan.FriendlyScene:
			if len(f.MicroGrids) == 0 || p.city.MicroGrids[f.MicroGrids[0]] == nil {
				continue
			}
			at = p.city.MicroGrids[f.MicroGrids[0]].Boundary.Bound().Center()
		case *yizhan.Unit:
			if f.Seat == nil && len(f.Boundary) == 0 {
				continue
			}
			if at = f.Boundary.Bound().Center(); f.Seat != nil {
				at = *f.Seat
			}
		default:
			continue
		}
		return &at
	}
	return nil
}
