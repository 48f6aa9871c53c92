package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
)

// grid makes a micro-grid of a record, and gives the one that it is about; nil for a new one. redrawn tells
// whether the record has an outline. It gives no micro-grid if the record cannot go in.
func (r *reader) grid(rec *importers.Record) (after, before *yizhan.MicroGrid, redrawn bool) {
	boundary := r.area(rec.Geometry)
	if r.refused() {
		return nil, nil, false
	}
	if boundary != nil {
		center := boundary.Bound().Center()
		r.at = &center
	}
	code := cmp.Or(r.decided("code"), r.decided("name"), r.value(rec.Values, "code"))
	community := r.gridCommunity(rec.Values, code, boundary)
	before = r.gridMeant(rec.Values, code, community, boundary != nil)
	if r.refused() {
		return nil, nil, false
	}
	g := yizhan.MicroGrid{Code: code, Community: community, Zone: yizhan.ZoneHinterland, Status: yizhan.GridDraft}
	if before != nil {
		g = *before
	}
	r.fillGrid(&g, rec.Values)
	if boundary != nil {
		g.Boundary = boundary
	}
	if g.Boundary == nil {
		r.leave(importers.UnknownCode, "code", code, "there is no such micro-grid, and the row has no outline for a new one", similar(r, r.value(rec.Values, "name"), r.places.gridsIn(community)))
	}
	if r.refused() {
		return nil, nil, false
	}
	if g.Code != "" {
		if err := g.Validate(); err != nil {
			r.invalid(err)
			return nil, nil, false
		}
	}
	return &g, before, boundary != nil
}

func (r *reader) fillGrid(g *yizhan.MicroGrid, values []string) {
	r.text(values, "name", &g.Name)
	if g.Name == "" && len(g.Code) == 15 {
		g.Name = "第" + strings.TrimLeft(g.Code[12:], "0") + "微网格"
	}
	r.integer(values, "households", &g.Households)
	if text := r.value(values, "zone"); text != "" {
		g.Zone = word(text, zoneNames)
	}
	if text := r.value(values, "status"); text != "" {
		g.Status = word(text, gridStatusNames)
	}
}

// gridCommunity is the code of the community that a micro-grid is of: its code begins with it.
func (r *reader) gridCommunity(values []string, code string, boundary orb.MultiPolygon) string {
	if code != "" {
		community := code[:min(12, len(code))]
		if u := r.places.city.Units[community]; u == nil || u.Level != yizhan.LevelCommunity {
			r.refuse(importers.UnknownUnit, "code", code, "does not begin with the code of a community of this city")
			return ""
		}
		if named := r.value(values, "community"); named != "" && named != community {
			r.refuse(importers.Mismatch, "community", named, "is not the community that the code begins with")
		}
		return community
	}
	if r.value(values, "community") != "" || r.value(values, "community_name") != "" || boundary == nil {
		return r.community(values, nil)
	}
	at, _ := planar.CentroidArea(boundary)
	if here := r.places.communityAt(at); here != nil {
		return here.Code
	}
	r.refuse(importers.OutsideCity, "", "", "lies outside the city")
	return ""
}

// gridMeant finds the micro-grid that a record is about: by its code, else by its name within the community.
func (r *reader) gridMeant(values []string, code, community string, hasOutline bool) *yizhan.MicroGrid {
	if code != "" || community == "" {
		if community == "" && len(r.problems) == 0 {
			r.leave(importers.NotMatched, "code", "", "neither a code nor a community says which micro-grid this is", nil)
		}
		return r.places.city.MicroGrids[code]
	}
	name := r.value(values, "name")
	found := r.places.gridNames[named{community, name}]
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) > 1:
		r.leave(importers.Ambiguous, "name", name, fmt.Sprintf("%d micro-grids of the community are called so; say which by its code", len(found)), candidatesOf(r, found))
	case !hasOutline:
		r.leave(importers.NotMatched, "name", name, "no micro-grid of the community is called so", similar(r, name, r.places.gridsIn(community)))
	}
	return nil
}

// area makes the outline of a record one that can be stored: in WGS84, on its grid, rings closed and turned the
// right way. nil for none.
func (r *reader) area(shape orb.Geometry) orb.MultiPolygon {
	var given orb.MultiPolygon
	switch s := shape.(type) {
	case nil:
		return nil
	case orb.Polygon:
		given = orb.MultiPolygon{s}
	case orb.MultiPolygon:
		given = s
	default:
		r.refuse(importers.BadGeometry, "", "", "is a "+shape.GeoJSONType()+"; what is drawn here is an area")
		return nil
	}
	moved, _ := moved(given, r.from).(orb.MultiPolygon)
	var area orb.MultiPolygon
	for _, polygon := range moved {
		if polygon = r.polygon(polygon); polygon != nil {
			area = append(area, polygon)
		}
	}
	if len(area) == 0 && !r.refused() {
		r.refuse(importers.BadGeometry, "", "", "has an empty geometry")
	}
	return area
}

func (r *reader) polygon(polygon orb.Polygon) orb.Polygon {
	var out orb.Polygon
	for i, ring := range polygon {
		for _, p := range ring {
			if !finite(p) || p[0] < -180 || p[0] > 180 || p[1] < -90 || p[1] > 90 {
				r.refuse(importers.BadGeometry, "", "", "has a vertex that is no place on the earth")
				return nil
			}
		}
		ring = tidy(ring)
		if len(ring) < 4 {
			if i == 0 {
				return nil
			}
			continue
		}
		if (ring.Orientation() == orb.CCW) != (i == 0) {
			slices.Reverse(ring)
		}
		if width := ring.Bound().Max[0] - ring.Bound().Min[0]; width > 180 {
			r.refuse(importers.BadGeometry, "", "", "spans more than half the earth: it may cross the antimeridian")
			return nil
		}
		out = append(out, ring)
	}
	return out
}

// tidy closes a ring and leaves repeated vertices away.
func tidy(ring orb.Ring) orb.Ring {
	out := make(orb.Ring, 0, len(ring)+1)
	for _, p := range ring {
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	if len(out) > 0 && out[0] != out[len(out)-1] {
		out = append(out, out[0])
	}
	return out
}

// changedGrid lists what differs.
func changedGrid(a, b *yizhan.MicroGrid) []string {
	var changed []string
	if a.Name != b.Name {
		changed = append(changed, "name")
	}
	if a.Households != b.Households {
		changed = append(changed, "households")
	}
	if a.Zone != b.Zone {
		changed = append(changed, "zone")
	}
	if a.Status != b.Status {
		changed = append(changed, "status")
	}
	if !sameArea(a.Boundary, b.Boundary) {
		changed = append(changed, "boundary")
	}
	return changed
}

// sameArea tells whether two outlines are the same, wherever their rings and parts begin.
func sameArea(a, b orb.MultiPolygon) bool {
	if a.Equal(b) {
		return true
	}
	if len(a) != len(b) {
		return false
	}
	unmatched := slices.Clone(b)
	for _, polygon := range a {
		i := slices.IndexFunc(unmatched, func(other orb.Polygon) bool { return samePolygon(polygon, other) })
		if i < 0 {
			return false
		}
		unmatched = slices.Delete(unmatched, i, i+1)
	}
	return true
}

func samePolygon(a, b orb.Polygon) bool {
	if len(a) != len(b) || !sameRing(a[0], b[0]) {
		return false
	}
	unmatched := slices.Clone(b[1:])
	for _, hole := range a[1:] {
		i := slices.IndexFunc(unmatched, func(other orb.Ring) bool { return sameRing(hole, other) })
		if i < 0 {
			return false
		}
		unmatched = slices.Delete(unmatched, i, i+1)
	}
	return true
}

func sameRing(a, b orb.Ring) bool {
	if len(a) != len(b) {
		return false
	}
	n := len(a) - 1 // the last vertex is the first
	start := slices.Index(b[:n], a[0])
	if start < 0 {
		return false
	}
	for i := range n {
		if a[i] != b[(start+i)%n] {
			return false
		}
	}
	return true
}
