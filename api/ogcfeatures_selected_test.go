package api

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// selectionTests are the abstract tests of parts 1 and 2 of what is chosen and how it is projected, on a real PostGIS.
func selectionTests() []abstractTest {
	const grids, stations, units = "/api/collections/micro_grids/items", "/api/collections/stations/items", "/api/collections/units/items"
	return []abstractTest{
		{"/conf/core/fc-bbox-response", func(t *testing.T, w *stage) {
			// The west grid, both that share the border, and none; a height chooses nothing, for nothing has one.
			w.found(t, grids+"?bbox=119.701,49.201,119.702,49.202", "150702001001001")
			w.found(t, grids+"?bbox=119.71,49.2,119.71,49.21", "150702001001001", "150702001001002")
			w.found(t, grids+"?bbox=100,40,101,41")
			w.found(t, grids+"?bbox=119.701,49.201,-100,119.702,49.202,100", "150702001001001")
			w.found(t, stations+"?bbox=119.7,49.2,119.71,49.21", "S-001")
			w.found(t, stations+"?bbox=119.71,49.2,119.72,49.21")
			// A unit without an outline is found by every box.
			w.admin(t, "POST", units, `{"type":"Feature","geometry":null,"properties":{"code":"150703","level":"banner","parent":"150700","name":"扎赉诺尔区"}}`).want(t, 201)
			w.found(t, units+"?bbox=100,40,101,41", "150703")
			w.get(t, grids+"?bbox=119.701,49.201,1,119.702,49.202").want(t, 400, "has 5 numbers")
			w.get(t, grids+"?bbox=119.701,49.201,5,119.702,49.202,4").want(t, 400, "lower height")
		}},
		{"/conf/core/fc-time-response", func(t *testing.T, w *stage) {
			w.admin(t, "PATCH", aStation, `{"properties":{"confirmed_at":"2026-02-01T00:00:00Z"}}`, "If-Match", `"1"`, "Content-Type", mergePatchType).want(t, 200)
			for moment, found := range map[string]bool{
				"2026-02-01T00:00:00Z": true, "2026-02-01T00:00:01Z": false, "2026-01-01T00:00:00Z/..": true, "2026-03-01T00:00:00Z/..": false,
				"../2026-03-01T00:00:00Z": true, "../2026-01-01T00:00:00Z": false, "2026-01-01T00:00:00Z/2026-03-01T00:00:00Z": true,
			} {
				want := []string{}
				if found {
					want = append(want, "S-001")
				}
				w.found(t, stations+"?datetime="+url.QueryEscape(moment), want...)
			}
			w.found(t, "/api/collections/friendly_scenes/items?datetime=1999-01-01T00:00:00Z", "F-001") // about no time
		}},
		{"/conf/crs/bbox-crs-parameter", func(t *testing.T, w *stage) {
			low, high := appendMercator(nil, orb.Point{119.7, 49.2}), appendMercator(nil, orb.Point{119.71, 49.21})
			for uri, box := range map[string]string{
				crs84: "119.7,49.2,119.71,49.21", epsgBase + "4326": "49.2,119.7,49.21,119.71", epsgBase + "4490": "49.2,119.7,49.21,119.71",
				epsgBase + "3857": fmt.Sprintf("%s,%s", low[1:len(low)-1], high[1:len(high)-1]),
			} {
				w.found(t, stations+"?bbox="+box+"&bbox-crs="+url.QueryEscape(uri), "S-001")
			}
		}},
		{"/conf/crs/crs-parameter-transform", func(t *testing.T, w *stage) {
			plain := map[string]orb.Geometry{}
			for _, path := range []string{grids, stations, units} {
				for _, f := range w.features84(t, path, crs84) {
					plain[path+"/"+fmt.Sprint(f.ID)] = f.Geometry
				}
				for _, system := range systems[1:] {
					for _, f := range w.features84(t, path, system.uri) {
						if far := apart(plain[path+"/"+fmt.Sprint(f.ID)], f.Geometry); !(far < 2e-7) {
							t.Errorf("%s/%v in %s is %g degrees away", path, f.ID, system.uri, far)
						}
					}
				}
			}
		}},
	}
}

// found holds the codes that an address lists.
func (w *stage) found(t *testing.T, target string, want ...string) {
	t.Helper()
	got := []string{}
	for _, f := range decoded[pageOf](t, w.get(t, target).want(t, 200)).Features {
		got = append(got, f.ID)
	}
	if slices.Sort(got); !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s finds %v, and not %v", target, got, want)
	}
}

// features84 asks in a system and puts what comes into CRS84 by formulas of its own.
func (w *stage) features84(t *testing.T, path, uri string) []*geojson.Feature {
	t.Helper()
	collection, err := geojson.UnmarshalFeatureCollection(w.get(t, path+"?limit=1000&crs="+url.QueryEscape(uri)).want(t, 200).body)
	if err != nil {
		t.Fatal(err)
	}
	back := func(p *orb.Point) {
		switch uri {
		case epsgBase + "4326", epsgBase + "4490":
			p[0], p[1] = p[1], p[0]
		case epsgBase + "3857":
			const radius = 6378137
			p[0], p[1] = p[0]/radius*180/math.Pi, (2*math.Atan(math.Exp(p[1]/radius))-math.Pi/2)*180/math.Pi
		}
	}
	for _, f := range collection.Features {
		if point, isPoint := f.Geometry.(orb.Point); isPoint {
			back(&point)
			f.Geometry = point
		}
		eachPoint(f.Geometry, back)
	}
	return collection.Features
}

func eachPoint(g orb.Geometry, change func(*orb.Point)) {
	switch g := g.(type) {
	case orb.MultiPolygon:
		for _, polygon := range g {
			for _, ring := range polygon {
				for i := range ring {
					change(&ring[i])
				}
			}
		}
	case orb.Polygon:
		eachPoint(orb.MultiPolygon{g}, change)
	}
}

// apart is by how many degrees two geometries of the same form differ at most; infinity if their forms differ.
func apart(a, b orb.Geometry) float64 {
	if one, isPoint := a.(orb.Point); isPoint {
		other, too := b.(orb.Point)
		if !too {
			return math.Inf(1)
		}
		return math.Max(math.Abs(one[0]-other[0]), math.Abs(one[1]-other[1]))
	}
	var ours, theirs []orb.Point
	eachPoint(a, func(p *orb.Point) { ours = append(ours, *p) })
	eachPoint(b, func(p *orb.Point) { theirs = append(theirs, *p) })
	if len(ours) == 0 || len(ours) != len(theirs) {
		return math.Inf(1)
	}
	far := 0.0
	for i := range ours {
		far = math.Max(far, apart(ours[i], theirs[i]))
	}
	return far
}
