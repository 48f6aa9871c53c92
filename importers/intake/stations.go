package intake

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// station makes a station of a record, and gives the one that it is about; nil for a new one. It gives no
// station if the record cannot go in.
func (r *reader) station(rec *importers.Record) (after, before *yizhan.Station) {
	at := r.stationPlace(rec)
	community := r.community(rec.Values, at)
	before = r.stationMeant(rec.Values, community, at)
	if r.refused() {
		return nil, nil
	}
	var s yizhan.Station
	if before != nil {
		s = *before
		s.Services = slices.Clone(before.Services)
		if at == nil {
			at = &before.Location
		}
		if community == "" && *at == before.Location {
			community = before.Community
		}
	}
	r.at = at
	r.fillStation(&s, rec.Values, before == nil)
	if at == nil {
		r.refuse(importers.Missing, "lng", "", "a new station needs a place: a geometry, or the columns lng and lat")
		return nil, nil
	}
	s.Location = *at
	r.settle(&s, rec.Values, community, before)
	if r.refused() {
		return nil, nil
	}
	if s.Code != "" {
		if err := s.Validate(); err != nil {
			r.invalid(err)
			return nil, nil
		}
	}
	return &s, before
}

// invalid notes a rule that a feature breaks.
func (r *reader) invalid(err error) {
	var ours *yizhan.Error
	if !errors.As(err, &ours) {
		ours = &yizhan.Error{Message: err.Error()}
	}
	r.refuse(importers.BadValue, ours.Field, "", ours.Message)
}

// stationPlace is where the record is, in WGS84; nil if it does not say.
func (r *reader) stationPlace(rec *importers.Record) *orb.Point {
	var raw orb.Point
	switch shape := rec.Geometry.(type) {
	case nil:
		at, given, err := r.columnPosition(rec.Values)
		if err != nil {
			field := "lng"
			if !r.has("lng") {
				field = "position"
			}
			r.refuse(importers.BadValue, field, r.value(rec.Values, field)+" "+r.value(rec.Values, "lat"), err.Error())
			return nil
		}
		if !given {
			return nil
		}
		raw = at
	case orb.Point:
		raw = shape
	case orb.MultiPoint:
		if len(shape) != 1 {
			r.refuse(importers.BadGeometry, "", "", fmt.Sprintf("has %d points; a station is at one", len(shape)))
			return nil
		}
		raw = shape[0]
	default:
		at, ok := middleOf(rec.Geometry)
		if r.collection != Candidates || !ok {
			r.refuse(importers.BadGeometry, "", "", "is a "+rec.Geometry.GeoJSONType()+"; a station is a point")
			return nil
		}
		raw = at // of a building, the middle will do
	}
	if !finite(raw) {
		r.refuse(importers.BadGeometry, "", "", "has a coordinate that is not a finite number")
		return nil
	}
	at := yizhan.SnapPoint(r.from.ToWGS84(raw))
	if !finite(at) || at[0] < -180 || at[0] > 180 || at[1] < -90 || at[1] > 90 {
		r.refuse(importers.BadGeometry, "lng", fmt.Sprint(raw), "is no place on the earth")
		return nil
	}
	r.at = &at
	return &at
}

// community is the code of the community that the record is about: by code, by name, or by its place. It is
// empty if none of them tells.
func (r *reader) community(values []string, at *orb.Point) string {
	if code := r.value(values, "community"); code != "" {
		if u := r.places.city.Units[code]; u == nil || u.Level != yizhan.LevelCommunity {
			r.refuse(importers.UnknownUnit, "community", code, "is not the code of a community of this city")
			return ""
		}
		r.warnElsewhere(code, at, "community")
		return code
	}
	if code := r.decided("community_name"); code != "" {
		if u := r.places.city.Units[code]; u == nil || u.Level != yizhan.LevelCommunity {
			r.refuse(importers.UnknownUnit, "community_name", code, "is not the code of a community of this city")
			return ""
		}
		return code
	}
	if names := r.unitNames(values); names.community != "" {
		called := r.places.communitiesCalled(names)
		if len(called) > 1 && at != nil {
			if here := r.places.communityAt(*at); here != nil && slices.Contains(called, here) {
				return here.Code
			}
		}
		switch {
		case len(called) == 1:
			r.warnElsewhere(called[0].Code, at, "community_name")
			return called[0].Code
		case len(called) > 1:
			r.leave(importers.Ambiguous, "community_name", names.community, fmt.Sprintf("%d communities are called so; say which by its code", len(called)), candidatesOf(r, called))
			return ""
		case at == nil:
			r.leave(importers.UnknownUnit, "community_name", names.community, "is not the name of a community of this city", similar(r, names.community, r.places.unitsByName(func(u *yizhan.Unit) bool {
				return u.Level == yizhan.LevelCommunity && r.places.isBelow(u, yizhan.LevelTownship, names.township) && r.places.isBelow(u, yizhan.LevelBanner, names.banner)
			})))
			return ""
		}
		r.note(importers.Warned, importers.UnknownUnit, "community_name", names.community, "is not the name of a community of this city; the place decides")
	}
	if at == nil {
		return ""
	}
	if here := r.places.communityAt(*at); here != nil {
		return here.Code
	}
	r.refuse(importers.OutsideCity, "", "", fmt.Sprintf("[%g, %g] lies outside the city", at[0], at[1]))
	return ""
}

// warnElsewhere warns when a record names one community and lies in another.
func (r *reader) warnElsewhere(code string, at *orb.Point, field string) {
	if at == nil {
		return
	}
	here := r.places.communityAt(*at)
	switch {
	case here == nil:
		r.refuse(importers.OutsideCity, "", "", fmt.Sprintf("[%g, %g] lies outside the city", at[0], at[1]))
	case here.Code != code:
		r.note(importers.Warned, importers.Mismatch, field, code, fmt.Sprintf("the place lies in %s %s", here.Name, here.Code))
	}
}

// stationMeant finds the station that a record is about: by its code, else by its name within its unit, else,
// where it names no unit, within the city.
func (r *reader) stationMeant(values []string, community string, at *orb.Point) *yizhan.Station {
	if code := r.decided("name"); code != "" {
		if r.places.city.Stations[code] == nil {
			r.refuse(importers.UnknownCode, "name", code, "there is no such station")
		}
		return r.places.city.Stations[code]
	}
	if code := r.value(values, "code"); code != "" {
		return r.places.city.Stations[code]
	}
	name := r.value(values, "name")
	if name == "" {
		r.refuse(importers.Missing, "name", "", "neither a code nor a name says which station this is")
		return nil
	}
	found := r.places.stations[named{community, name}]
	if community == "" {
		found = r.places.anywhere[name]
	}
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) > 1:
		r.leave(importers.Ambiguous, "name", name, fmt.Sprintf("%d stations are called so; say which by its code", len(found)), candidatesOf(r, found))
	case at == nil:
		r.leave(importers.NotMatched, "name", name, "no station is called so there, and there is no place for a new one", similar(r, name, r.places.stationsIn(community)))
	}
	return nil
}

// fillStation reads what the record says of the station. What it does not say stays.
func (r *reader) fillStation(s *yizhan.Station, values []string, isNew bool) {
	if isNew {
		s.Status = yizhan.StationActive
	}
	r.text(values, "code", &s.Code)
	r.text(values, "name", &s.Name)
	if s.Name == "" {
		r.refuse(importers.Missing, "name", "", "a new station needs a name")
	}
	if text := r.value(values, "sponsor"); text != "" {
		s.Sponsor = word(text, sponsorNames)
		s.Kind = s.Sponsor.Kind()
		if !slices.Contains(yizhan.Sponsors(), s.Sponsor) {
			r.refuse(importers.BadValue, "sponsor", text, "is none of "+joined(yizhan.Sponsors()))
		}
	} else if isNew {
		s.Sponsor = r.sponsorOfKind(values)
		s.Kind = s.Sponsor.Kind()
	}
	if text := r.value(values, "kind"); text != "" {
		if kind := word(text, kindNames); kind != s.Kind {
			r.refuse(importers.BadValue, "kind", text, fmt.Sprintf("does not go with the sponsor %s, which is %s", s.Sponsor, s.Kind))
		}
	}
	if text := r.value(values, "status"); text != "" {
		s.Status = word(text, stationStatusNames)
	}
	r.text(values, "address", &s.Address)
	r.integer(values, "capacity", &s.Capacity)
	r.openingHours(values, &s.Hours)
	s.Services = r.services(values, s.Services)
	r.instant(values, "confirmed_at", &s.ConfirmedAt)
	r.boolean(values, "approximate", &s.Approximate)
	r.entrance(values, &s.Entrance)
}

// sponsorOfKind takes the kind for the sponsor where it leaves no choice.
func (r *reader) sponsorOfKind(values []string) yizhan.Sponsor {
	switch word(r.value(values, "kind"), kindNames) {
	case yizhan.KindUnion:
		return yizhan.SponsorUnion
	case yizhan.KindCommunity:
		return yizhan.SponsorPartyCentre
	}
	r.refuse(importers.Missing, "sponsor", "", "a new station needs one of "+joined(yizhan.Sponsors()))
	return ""
}

func (r *reader) entrance(values []string, into **orb.Point) {
	text := r.value(values, "entrance")
	if text == "" {
		return
	}
	if clears(text) {
		*into = nil
		return
	}
	raw, _, err := r.pairPosition(text)
	if err != nil {
		r.refuse(importers.BadValue, "entrance", text, err.Error())
		return
	}
	at := yizhan.SnapPoint(r.from.ToWGS84(raw))
	*into = &at
}

// settle says where in the city a station is.
func (r *reader) settle(s *yizhan.Station, values []string, community string, before *yizhan.Station) {
	if community == "" {
		if here := r.places.communityAt(s.Location); here != nil {
			community = here.Code
		} else if before != nil {
			community = before.Community
		}
	}
	if community == "" {
		r.refuse(importers.OutsideCity, "", "", fmt.Sprintf("[%g, %g] lies outside the city", s.Location[0], s.Location[1]))
		return
	}
	isSame := before != nil && before.Community == community && before.Location == s.Location
	s.Community = community
	switch grid := r.value(values, "micro_grid"); {
	case clears(grid):
		s.MicroGrid = ""
	case grid != "":
		if r.places.city.MicroGrids[grid] == nil {
			r.refuse(importers.UnknownCode, "micro_grid", grid, "there is no such micro-grid")
		}
		s.MicroGrid = grid
	case !isSame:
		s.MicroGrid = ""
		if g := r.places.gridAt(community, s.Location); g != nil {
			s.MicroGrid = g.Code
		}
	}
}

// changedStation lists what differs.
func changedStation(a, b *yizhan.Station) []string {
	var changed []string
	add := func(name string, differs bool) {
		if differs {
			changed = append(changed, name)
		}
	}
	add("name", a.Name != b.Name)
	add("kind", a.Kind != b.Kind)
	add("sponsor", a.Sponsor != b.Sponsor)
	add("address", a.Address != b.Address)
	add("location", a.Location != b.Location)
	add("approximate", a.Approximate != b.Approximate)
	add("entrance", (a.Entrance == nil) != (b.Entrance == nil) || a.Entrance != nil && *a.Entrance != *b.Entrance)
	add("capacity", a.Capacity != b.Capacity)
	add("opening_hours", a.Hours.String() != b.Hours.String())
	add("status", a.Status != b.Status)
	add("community", a.Community != b.Community)
	add("micro_grid", a.MicroGrid != b.MicroGrid)
	add("services", !slices.EqualFunc(a.Services, b.Services, func(x, y yizhan.StationService) bool {
		return x.Service == y.Service && x.Condition == y.Condition && x.ConfirmedAt.Equal(y.ConfirmedAt)
	}))
	add("confirmed_at", !a.ConfirmedAt.Equal(b.ConfirmedAt))
	return changed
}

func joined[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = string(item)
	}
	return strings.Join(texts, ", ")
}
