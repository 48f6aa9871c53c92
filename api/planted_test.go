package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/feed/views"
	"github.com/yizhan/yizhan/tiles"
)

// Values that nothing else holds: wherever one is found, something leaks.
var planted = yizhan.Contact{Name: "欧阳绝密", Phone: "13900007531"}

func expectNothingPlanted(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, value := range []string{planted.Name, planted.Phone, "绝密", "00007531", `\u6b27\u9633`} {
		if bytes.Contains(text, []byte(value)) {
			t.Errorf("%s holds %q", where, value)
		}
	}
}

// newPlanted has real tiles and real features of a place whose leaders have planted contacts.
func newPlanted(t *testing.T) *doors {
	t.Helper()
	pyramid := tiles.NewPyramid(tiles.Options{Logger: slog.New(slog.DiscardHandler)})
	index := views.NewNearest()
	d := newDoors(t, func(w *stage) {
		store := w.options.Accounts.(interface {
			Store
			Accounts
		})
		w.options.Store, w.options.Tiles, w.options.Nearest = store, pyramid, index
		w.options.Logger = slog.New(slog.NewTextHandler(w.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for _, leader := range []string{hereLeader, therePlace + "00101"} {
		if err := d.kept.SetContact(t.Context(), yizhan.System("test"), leader, planted); err != nil {
			t.Fatal(err)
		}
	}
	city, err := d.kept.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.city = city
	for _, view := range []interface {
		Update(*yizhan.City, []yizhan.Change) error
	}{pyramid, index} {
		if err := view.Update(city, nil); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// streams do not end; what they carry are changes, which the store's test searches.
var streams = regexp.MustCompile(`/events$`)

// tables read whatever is sent as a table, and keep nothing of it.
var tables = regexp.MustCompile(`^/api/(indicators|places)/read$`)

func TestPlantedContactsAreNowhere(t *testing.T) {
	d := newPlanted(t)
	admin := d.user(t, "mayor", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: "150700"})
	for _, who := range []string{"a guest", "an administrator"} {
		if who == "an administrator" {
			d.be(t, admin)
		}
		d.searchOperations(t, who)
	}
	d.searchErrors(t)
	a := d.send(t, "POST", "/api/leaders/"+hereLeader+"/reveal", `{"reason":"the one right way"}`)
	if !bytes.Contains(a.body, []byte(planted.Name)) || !bytes.Contains(a.body, []byte(planted.Phone)) || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the test looks for something that is not there: %d %s", a.status, a.body)
	}
	if list := d.send(t, "GET", "/api/leaders?micro_grid="+hereGrid, ""); !bytes.Contains(list.body, []byte("欧**")) {
		t.Errorf("%s", list.body)
	}
	d.kept.Close() // so that something goes wrong, and is logged
	expect(t, d.send(t, "POST", "/api/leaders/"+hereLeader+"/reveal", `{"reason":"while it is away"}`), 503, "unavailable")
	expect(t, d.send(t, "PUT", "/api/leaders/"+hereLeader+"/contact", `{"name":"`+planted.Name+`","phone":"`+planted.Phone+`"}`), 503, "unavailable")
	if d.logs.String() == "" {
		t.Error("nothing was logged")
	}
	expectNothingPlanted(t, "the log", []byte(d.logs.String()))
}

// searchOperations asks every GET of the OpenAPI document, bare and about the place, in every form.
func (d *doors) searchOperations(t *testing.T, who string) {
	t.Helper()
	asked := 0
	for path, item := range d.server.huma.OpenAPI().Paths {
		if item.Get == nil || streams.MatchString(path) {
			continue
		}
		address := strings.NewReplacer("{collectionId}", "micro_grids", "{code}", hereGrid, "{layers}", "units,micro_grids,stations", "{id}", "1", "{name}", "mayor").Replace(path)
		address = regexp.MustCompile(`\{[A-Za-z]+\}`).ReplaceAllString(address, "1")
		for _, query := range []string{"", "?micro_grid=" + hereGrid, "?bbox=119.6,49.1,119.9,49.4", "?lng=119.72&lat=49.25", "?unit=150702", "?limit=1000", "?format=geojson&unit=150702", "?format=xlsx", "?filter=name%3D%27" + "%E6%AC%A7%27"} {
			a := d.send(t, "GET", address+query, "", "Accept-Encoding", "")
			expectNothingPlanted(t, who+": "+address+query, a.body)
			expectNothingPlanted(t, who+": the headers of "+address+query, fmt.Append(nil, a.header))
			asked++
		}
	}
	for z := 0; z <= 16; z++ {
		x, y := tileOf(119.725, 49.25, z)
		for _, layers := range []string{"units", "micro_grids", "stations", "units,micro_grids,stations"} {
			for _, datum := range []string{"", "?datum=gcj02"} {
				for _, encoding := range []string{"", "gzip"} {
					address := fmt.Sprintf("/api/tiles/%s/%d/%d/%d%s", layers, z, x, y, datum)
					a := d.send(t, "GET", address, "", "Accept-Encoding", encoding)
					expectNothingPlanted(t, who+": "+address, unpacked(t, a))
					if asked++; z == 14 && layers == "micro_grids" && datum == "" && !bytes.Contains(unpacked(t, a), []byte(hereGrid)) {
						t.Errorf("%s does not show the place: %d, %d bytes", address, a.status, len(a.body))
					}
				}
			}
		}
	}
	if asked < 400 {
		t.Errorf("only %d answers were searched", asked)
	}
}

func tileOf(lng, lat float64, z int) (x, y int) {
	n := math.Exp2(float64(z))
	phi := lat * math.Pi / 180
	return int((lng + 180) / 360 * n), int((1 - math.Asinh(math.Tan(phi))/math.Pi) / 2 * n)
}

func unpacked(t *testing.T, a answer) []byte {
	t.Helper()
	if a.header.Get("Content-Encoding") != "gzip" {
		return a.body
	}
	r, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// searchErrors sends the values themselves, wrongly, to every operation that takes a body: what is refused is
// not quoted.
func (d *doors) searchErrors(t *testing.T) {
	t.Helper()
	for path, item := range d.server.huma.OpenAPI().Paths {
		for _, op := range operationsAt(item) {
			if op.RequestBody == nil {
				continue
			}
			address := strings.NewReplacer("{code}", hereLeader, "{name}", "nobody", "{id}", "1").Replace(path)
			for _, body := range []string{
				`{"name":"` + planted.Name + `","phone":"x` + planted.Phone + `"}`, `{"name":["` + planted.Name + `"],"reason":` + planted.Phone + `}`,
				`{"name":"` + planted.Name + `","password":"` + planted.Phone + `"}`, `"` + planted.Name + ``, `{"reason":"` + strings.Repeat(planted.Name, 200) + `"}`,
			} {
				a := d.send(t, op.Method, address, body)
				if a.status < http.StatusBadRequest && !tables.MatchString(path) {
					t.Errorf("%s %s takes %s: %d", op.Method, address, body, a.status)
				}
				expectNothingPlanted(t, op.Method+" "+address, a.body)
			}
		}
	}
	expectNothingPlanted(t, "the session", []byte(auth.CSRFToken(d.cookie)))
}
