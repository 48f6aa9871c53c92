package api

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan"
)

func TestPagesFollowOneAnother(t *testing.T) {
	w := newStage(t)
	var codes []string
	target := "/api/collections/units/items?limit=2&unit=150700&bbox=115,47,126,54&level=banner,city&skip_geometry=true"
	for target != "" && len(codes) < 10 {
		var page struct {
			Features []struct{ ID string }
			Links    []Link
		}
		a := w.get(t, target)
		if err := json.Unmarshal(a.body, &page); err != nil {
			t.Fatal(err)
		}
		for _, f := range page.Features {
			codes = append(codes, f.ID)
		}
		target = ""
		for _, link := range page.Links {
			if link.Rel == "next" {
				target = strings.TrimPrefix(link.Href, "http://example.com")
				for _, kept := range []string{"limit=2", "unit=150700", "level=banner%2Ccity", "skip_geometry=true", "bbox=115%2C47%2C126%2C54"} {
					if !strings.Contains(link.Href, kept) {
						t.Errorf("%s has lost %s", link.Href, kept)
					}
				}
			}
		}
	}
	if want := []string{"150700", "150702", "150702001", "150702001001", "150781"}; !reflect.DeepEqual(codes, want) {
		t.Errorf("pages give %v, want %v", codes, want)
	}
}

func TestQueryReachesTheStore(t *testing.T) {
	var asked yizhan.Query
	w := newStage(t, func(w *stage) {
		w.store.find = func(_ context.Context, q yizhan.Query) (yizhan.Page, error) {
			asked = q
			return yizhan.Page{}, nil
		}
	})
	for _, test := range []struct {
		target string
		want   yizhan.Query
	}{
		{"/api/collections/stations/items", yizhan.Query{Collection: yizhan.Stations, Limit: 100}},
		{"/api/collections/stations/items?service=water,charging&service=toilet&status=active&limit=10000&after=" + encodeCursor("S-001"),
			yizhan.Query{Collection: yizhan.Stations, Limit: 10000, After: "S-001", Filters: []yizhan.Filter{
				{Property: "status", Values: []string{"active"}}, {Property: "service", Values: []string{"water", "charging"}}, {Property: "service", Values: []string{"toilet"}}}}},
		{"/api/collections/micro_grids/items?bbox=119,49,120,50&skip_geometry=true&unit=150702&community=150702001001",
			yizhan.Query{Collection: yizhan.MicroGrids, Limit: 100, BBox: &[4]float64{119, 49, 120, 50}, SkipGeometry: true, Unit: "150702",
				Filters: []yizhan.Filter{{Property: "community", Values: []string{"150702001001"}}}}},
	} {
		asked = yizhan.Query{}
		if a := w.get(t, test.target); a.status != 200 {
			t.Errorf("%s: status %d: %s", test.target, a.status, a.body)
		}
		if !reflect.DeepEqual(asked, test.want) {
			t.Errorf("%s asks for %+v, want %+v", test.target, asked, test.want)
		}
	}
}

func TestLinksGoByTheConfiguredAddress(t *testing.T) {
	w := newStage(t, func(w *stage) { w.options.BaseURL = "https://yizhan.example" })
	scenario{target: "/api/collections/units/items?limit=1", status: 200, has: []string{`"href":"https://yizhan.example/api/collections/units/items?after=`}, hasNot: []string{"example.com"}}.check(t, w)
	scenario{target: "/api/tiles/base", status: 200, has: []string{"https://yizhan.example/api/tiles/base/{z}/{x}/{y}"}}.check(t, w)
}

// manyGrids is a page of n micro-grids with outlines of 40 vertices.
func manyGrids(n int) yizhan.Page {
	ring := make(orb.Ring, 0, 41)
	for i := range 40 {
		ring = append(ring, orb.Point{119.7 + float64(i)*0.0012345, 49.2 + float64(i%7)*0.0034567})
	}
	ring = append(ring, ring[0])
	page := yizhan.Page{Seq: 42, More: true}
	for i := range n {
		page.Features = append(page.Features, &yizhan.MicroGrid{Code: fmt.Sprintf("150702001001%03d", i%1000), Community: "150702001001", Name: "第一网格",
			Households: 29, Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: orb.MultiPolygon{{ring}}, Version: 1})
	}
	return page
}

func BenchmarkPageOf10000MicroGrids(b *testing.B) {
	page := manyGrids(10_000)
	s := assemble(Options{})
	c, in := collections()[3], &browseInput{}
	b.ReportAllocs()
	for b.Loop() {
		body, err := s.appendPage(nil, c, in, page, form{crs: systems[0]})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)))
	}
}

func BenchmarkNearest(b *testing.B) {
	handler := newStage(b).server.app.Handler()
	var c fasthttp.RequestCtx
	c.Request.Header.SetMethod("GET")
	b.ReportAllocs()
	for b.Loop() {
		c.Request.SetRequestURI("/api/nearest?lng=119.7364&lat=49.2122&k=5&services=water")
		c.Response.Reset()
		c.ResetUserValues()
		handler(&c)
		if c.Response.StatusCode() != 200 {
			b.Fatalf("status %d: %s", c.Response.StatusCode(), c.Response.Body())
		}
	}
}

func BenchmarkTile(b *testing.B) {
	handler := newStage(b).server.app.Handler()
	var c fasthttp.RequestCtx
	c.Request.Header.SetMethod("GET")
	c.Request.Header.Set("Accept-Encoding", "gzip")
	b.ReportAllocs()
	for b.Loop() {
		c.Request.SetRequestURI("/api/tiles/base,units/5/25/10")
		c.Response.Reset()
		c.ResetUserValues()
		handler(&c)
		if c.Response.StatusCode() != 200 {
			b.Fatalf("status %d: %s", c.Response.StatusCode(), c.Response.Body())
		}
	}
}
