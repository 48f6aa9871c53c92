package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// Units are registered elsewhere. A list of them brings names and kinds up to date and may add new ones; it never
// takes one away, and never moves the outline of one that is there, because micro-grids are a partition of it.

// drawnUnit is a unit that the file has.
type drawnUnit struct {
	row           int64
	after, before *yizhan.Unit
}

// maxUnits bounds what is held until the whole file tells which units are above which.
const maxUnits = 200_000

func (r *run) recordUnit(rec *importers.Record) error {
	after, before := r.unit(rec)
	if after == nil || !r.isFirst(after.Code) {
		return nil
	}
	if before == nil {
		r.vertices += verticesOf(after.Boundary)
	}
	if len(r.units) == maxUnits || r.vertices > maxDrawnVertices {
		return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has more than %d units, or %d vertices in new ones; import it in parts", maxUnits, maxDrawnVertices)
	}
	r.units = append(r.units, drawnUnit{r.row, after, before})
	return nil
}

// unit makes a unit of a record, and gives the one that it is about; nil for a new one.
func (r *reader) unit(rec *importers.Record) (after, before *yizhan.Unit) {
	boundary := r.area(rec.Geometry)
	code := r.unitCode(rec.Values)
	if r.refused() {
		return nil, nil
	}
	before = r.places.city.Units[code]
	u := yizhan.Unit{Code: code, Boundary: boundary}
	if before != nil {
		u = *before
	} else {
		u.Level = levelOf(code)
		u.Parent = yizhan.ParentCode(u.Level, code)
	}
	if len(u.Boundary) > 0 {
		center := u.Boundary.Bound().Center()
		r.at = &center
	}
	r.fillUnit(&u, rec.Values)
	if before != nil && boundary != nil && !sameArea(before.Boundary, boundary) {
		r.note(importers.Warned, importers.OutlineKept, "", "", "the outline differs; outlines of units that are there are not changed by an import")
	}
	if r.refused() {
		return nil, nil
	}
	if err := u.Validate(); err != nil {
		r.invalid(err)
		return nil, nil
	}
	return &u, before
}

// levelOf is the level that a code is of; that of a community if it is of none, which Validate refuses.
func levelOf(code string) yizhan.Level {
	switch {
	case len(code) == 6 && strings.HasSuffix(code, "00"):
		return yizhan.LevelCity
	case len(code) == 6:
		return yizhan.LevelBanner
	case len(code) == 9:
		return yizhan.LevelTownship
	}
	return yizhan.LevelCommunity
}

func (r *reader) fillUnit(u *yizhan.Unit, values []string) {
	r.text(values, "name", &u.Name)
	r.text(values, "name_en", &u.NameEn)
	r.text(values, "type", &u.Type)
	if text := r.value(values, "level"); text != "" && word(text, levelNames) != u.Level {
		r.refuse(importers.Mismatch, "level", text, "is not the level that the code is of")
	}
	if text := r.value(values, "parent"); text != "" && text != u.Parent {
		r.refuse(importers.Mismatch, "parent", text, "is not the unit above that the code names")
	}
	r.seat(values, &u.Seat)
}

// seat reads the place of the seat.
func (r *reader) seat(values []string, into **orb.Point) {
	if clears(r.value(values, "seat")) {
		*into = nil
		return
	}
	raw, given, err := r.seatPosition(values)
	switch {
	case err != nil:
		r.refuse(importers.BadValue, "seat", r.value(values, "seat")+r.value(values, "seat_lng"), err.Error())
	case given:
		at := yizhan.SnapPoint(r.from.ToWGS84(raw))
		*into = &at
	}
}

// unitCode is the code of the unit that a record is about: the one it has, or that of the only unit of its name
// below what is said to be above.
func (r *reader) unitCode(values []string) string {
	for _, code := range []string{r.decided("name"), r.value(values, "code")} {
		if code != "" {
			return code
		}
	}
	name := r.value(values, "name")
	if name == "" {
		r.refuse(importers.Missing, "name", "", "neither a code nor a name says which unit this is")
		return ""
	}
	found, _ := r.places.units.Called(name, "", r.isMeantBy(values))
	switch len(found) {
	case 1:
		return found[0].Code
	case 0:
		r.leave(importers.NotMatched, "name", name, "no unit is called so there; a new one needs its code", similar(r, name, r.places.unitsByName(r.isMeantBy(values))))
	default:
		r.leave(importers.Ambiguous, "name", name, fmt.Sprintf("%d units are called so; say which by its code", len(found)), candidatesOf(r, found))
	}
	return ""
}

// isMeantBy tells whether a unit is of the level and below the units that a record names.
func (r *reader) isMeantBy(values []string) func(*yizhan.Unit) bool {
	level, parent, names := word(r.value(values, "level"), levelNames), r.value(values, "parent"), r.unitNames(values)
	return func(u *yizhan.Unit) bool {
		return (level == "" || u.Level == level) && (parent == "" || u.Parent == parent) &&
			r.places.isBelow(u, yizhan.LevelTownship, names.township) && r.places.isBelow(u, yizhan.LevelBanner, names.banner)
	}
}

// finishUnits notes what changes, what is above before what is below.
func (r *run) finishUnits() error {
	slices.SortStableFunc(r.units, func(a, b drawnUnit) int {
		return cmp.Or(cmp.Compare(slices.Index(yizhan.Levels(), a.after.Level), slices.Index(yizhan.Levels(), b.after.Level)), cmp.Compare(a.after.Code, b.after.Code))
	})
	wrong, err := r.wrongUnits()
	if err != nil {
		return err
	}
	made := map[string]*yizhan.Unit{}
	for i, u := range r.units {
		if wrong[i] {
			continue
		}
		above := r.places.city.Units[u.after.Parent]
		if above == nil {
			above = made[u.after.Parent]
		}
		if p := misplaced(u, above); p != nil {
			err = r.check.problem(*p)
		} else {
			made[u.after.Code] = u.after
			err = r.noteUnit(u)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// misplaced tells why a new unit cannot be below the one above it; nil if it can. The extent of that one is what the
// database holds it against.
func misplaced(u drawnUnit, above *yizhan.Unit) *importers.Problem {
	p := &importers.Problem{Severity: importers.Refused, Row: u.row, Field: "parent", Value: u.after.Parent}
	switch {
	case u.before != nil || u.after.Parent == "":
		return nil
	case above == nil:
		p.Code, p.Message = importers.UnknownUnit, "the unit above is neither in the city nor in the file"
		return p
	case len(u.after.Boundary) == 0 || len(above.Boundary) == 0:
		return nil
	}
	extent, own := above.Boundary.Bound(), u.after.Boundary.Bound()
	if extent.Contains(own.Min) && extent.Contains(own.Max) {
		return nil
	}
	center := own.Center()
	p.Code, p.Place, p.Message = importers.OutsideUnit, &center, "the outline reaches beyond the extent of the unit above"
	return p
}

// wrongUnits finds new units whose outlines are not valid, and tells where.
func (r *run) wrongUnits() (map[int]bool, error) {
	var asked []int
	for i, u := range r.units {
		if u.before == nil && len(u.after.Boundary) > 0 {
			asked = append(asked, i)
		}
	}
	return r.invalidShapes(asked, func(i int) (row int64, code string, shape orb.MultiPolygon) {
		return r.units[i].row, r.units[i].after.Code, r.units[i].after.Boundary
	})
}

func (r *run) noteUnit(u drawnUnit) error {
	change := Change{Op: yizhan.Create, Row: u.row, Ref: u.after.Ref(), Name: u.after.Name, Unit: u.after}
	var before yizhan.Feature
	if u.before != nil {
		before = u.before
		change.Op, change.Base, change.Changed = yizhan.Update, u.before.Version, changedUnit(u.before, u.after)
		if len(change.Changed) == 0 {
			r.check.summary.Unchanged++
			return nil
		}
	}
	_, _, err := r.change(change, before)
	return err
}

// changedUnit lists what differs.
func changedUnit(a, b *yizhan.Unit) (changed []string) {
	for _, one := range []struct {
		name    string
		differs bool
	}{{"name", a.Name != b.Name}, {"name_en", a.NameEn != b.NameEn}, {"type", a.Type != b.Type},
		{"seat", (a.Seat == nil) != (b.Seat == nil) || a.Seat != nil && *a.Seat != *b.Seat}} {
		if one.differs {
			changed = append(changed, one.name)
		}
	}
	return changed
}
