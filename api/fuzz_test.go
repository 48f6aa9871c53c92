package api

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"github.com/valyala/fasthttp"
	"github.com/yizhan/yizhan/feed/views"
)

var hulunbuir = orb.Bound{Min: orb.Point{115.5, 47}, Max: orb.Point{126.1, 53.4}}

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name string
		at   orb.Point
		city *orb.Bound
		want string // in the message; empty for none
	}{
		{"in the city", orb.Point{119.7, 49.2}, &hulunbuir, ""},
		{"elsewhere", orb.Point{116.4, 39.9}, &hulunbuir, ""},
		{"swapped", orb.Point{49.2, 119.7}, &hulunbuir, "swapped"},
		{"swapped, city unknown", orb.Point{49.2, 119.7}, nil, "swapped"},
		{"swapped in a city in the west, in range", orb.Point{47.5, 8.5}, &orb.Bound{Min: orb.Point{8, 47}, Max: orb.Point{9, 48}}, "swapped"},
		{"lat off the earth", orb.Point{119.7, -91}, &hulunbuir, "query.lat"},
		{"lng off the earth", orb.Point{181, 49}, &hulunbuir, "query.lng"},
		{"both off the earth", orb.Point{500, 500}, nil, "query.lng"},
	} {
		err := checkPlace(test.at, test.city)
		switch {
		case err == nil && test.want != "":
			t.Errorf("%s: no error", test.name)
		case err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want) && !strings.Contains(faultText(err), test.want)):
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func faultText(err error) string {
	var text strings.Builder
	for _, fault := range problemOf(err).Errors {
		text.WriteString(fault.Location + " " + fault.Message + "\n")
	}
	return text.String()
}

func TestFittingResolution(t *testing.T) {
	for _, test := range []struct {
		bound orb.Bound
		want  int
	}{
		{orb.Bound{Min: orb.Point{119.7, 49.2}, Max: orb.Point{119.8, 49.25}}, 10},
		{orb.Bound{Min: orb.Point{119.5, 49}, Max: orb.Point{120, 49.4}}, 9},
		{hulunbuir, 6},
		{orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, 4},
		{orb.Bound{Min: orb.Point{119, 49}, Max: orb.Point{119, 49}}, 10},
	} {
		if got := fittingResolution(test.bound, views.DemandResolution); got != test.want {
			t.Errorf("%v: resolution %d, want %d", test.bound, got, test.want)
		}
	}
}

func FuzzBBox(f *testing.F) {
	for _, seed := range []string{"119,49,120,50", "49,119,50,120", "NaN,0,0,0", "1e309,0,0,0", "", ",,,", "-180,-90,180,90", "120,50,119,49", "0x1p3,1,2,3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, city := range []*orb.Bound{nil, &hulunbuir} {
			box, err := parseBBox(text, city)
			if err != nil {
				if p := problemOf(err); p.Status != 400 || len(p.Errors) != 1 || p.Errors[0].Location != "query.bbox" {
					t.Errorf("%q: %+v", text, p)
				}
				continue
			}
			if !(box[0] >= -180 && box[0] <= box[2] && box[2] <= 180 && box[1] >= -90 && box[1] <= box[3] && box[3] <= 90) {
				t.Errorf("%q: %v", text, box)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "AAAA", encodeCursor("150702"), encodeCursor("S-001"), "====", "UwB"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := decodeCursor(text)
		if err == nil && (encodeCursor(code) != text || !codePattern.MatchString(code)) {
			t.Errorf("%q gives %q, whose cursor is %q", text, code, encodeCursor(code))
		}
	})
}

func FuzzInstant(f *testing.F) {
	for _, seed := range []string{"now", "2026-02-17T12:30:00+08:00", "2026-02-17T12:30:00 08:00", "2026-02-31T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "2026-02-17T12:30:00.123456789Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := parseInstant(text, noon)
		if err == nil && (at.UTC().Year() < firstYear || at.UTC().Year() > lastYear) {
			t.Errorf("%q: %v", text, at)
		}
	})
}

func FuzzString(f *testing.F) {
	for _, seed := range []string{"", "驿站", "a\"b\\c\n\t\x00\x1f", "\xff\xfe", "\u2028<>&", "\U0001f600", "\xed\xa0\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var back string
		if err := json.Unmarshal(appendString(nil, text), &back); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if want := strings.ToValidUTF8(text, "\ufffd"); utf8.ValidString(text) && back != want {
			t.Errorf("%q comes back as %q", text, back)
		}
	})
}

func FuzzDegrees(f *testing.F) {
	for _, seed := range []float64{0, math.Copysign(0, -1), 119.7364, -179.9999999, 1e-7, -1e-7, 180, 49.2122, 0.1, 1.00000005} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, degrees float64) {
		if math.IsNaN(degrees) || math.Abs(degrees) > 180 {
			return
		}
		text := string(appendDegrees(nil, degrees))
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(back-degrees) > 0.5001e-7 || strings.HasSuffix(text, ".") || strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
			t.Errorf("%v is written %s (%v)", degrees, text, err)
		}
		if _, fraction, _ := strings.Cut(text, "."); len(fraction) > 7 {
			t.Errorf("%v is written %s", degrees, text)
		}
	})
}

// FuzzQuery holds the promise that no query at all is our fault.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"lng=119.7&lat=49.2", "lng=1&lng=2", "%zz=1", "lng=+1&lat=%2b1", "a=b&&=&c", "k=5;lng=1", "open_at=now&lng=1&lat=1", "lng=1e400&lat=0", strings.Repeat("a", 5000)} {
		f.Add(seed)
	}
	handler := newStage(f).server.app.Handler()
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/api/nearest?", "/api/collections/stations/items?", "/api/coverage/cells?", "/api/tiles/coverage/3/1/1?"} {
			var c fasthttp.RequestCtx
			c.Request.Header.SetMethod("GET")
			c.Request.SetRequestURI(path + strings.ReplaceAll(query, "#", "%23"))
			handler(&c)
			status := c.Response.StatusCode()
			if status >= 500 || status < 200 {
				t.Errorf("%s%q: status %d: %s", path, query, status, c.Response.Body())
			}
			if status >= 400 && !bytes.Contains(c.Response.Body(), []byte(`"code":"`)) {
				t.Errorf("%s%q: %s", path, query, c.Response.Body())
			}
		}
	})
}
