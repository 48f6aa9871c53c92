package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/formats"
	"github.com/yizhan/yizhan/importers/intake"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

const community = "150702001001"

// office is a desk before a real PostGIS with a city of one community: four micro-grids on a lattice of hundredths
// of a degree from 119.7, 49.2, and two stations.
type office struct {
	desk  *intake.Desk
	store *store.Store
	by    *yizhan.Principal
	now   *yizhan.City // instead of that of the store; nil for none
}

func at(x, y float64) orb.Point { return yizhan.SnapPoint(orb.Point{119.7 + x/100, 49.2 + y/100}) }

func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1), at(x0, y0)}}}
}

func cityOfTest() yizhan.Changeset {
	whole := orb.MultiPolygon{{{at(0, 0), at(1, 0), at(2, 0), at(2, 1), at(2, 2), at(1, 2), at(0, 2), at(0, 1), at(0, 0)}}}
	changeset := yizhan.Changeset{Author: "test", Reason: "the city of the test"}
	add := func(f yizhan.Feature) { changeset.Edits = append(changeset.Edits, yizhan.CreateOf(f)) }
	for _, u := range []yizhan.Unit{
		{Code: "150700", Level: yizhan.LevelCity, Name: "呼伦贝尔市"}, {Code: "150702", Level: yizhan.LevelBanner, Parent: "150700", Name: "海拉尔区"},
		{Code: "150702001", Level: yizhan.LevelTownship, Parent: "150702", Name: "正阳街道"}, {Code: community, Level: yizhan.LevelCommunity, Parent: "150702001", Name: "天润社区"},
	} {
		u.Boundary = whole
		add(&u)
	}
	for i, shape := range []orb.MultiPolygon{box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)} {
		add(&yizhan.MicroGrid{Code: fmt.Sprintf("%s%03d", community, i+1), Community: community, Name: fmt.Sprintf("第%d微网格", i+1), Households: 29,
			Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: shape})
	}
	for i, place := range []orb.Point{at(0.5, 0.5), at(1.5, 1.5)} {
		add(&yizhan.Station{Code: fmt.Sprintf("150702-%04d", i+1), Name: fmt.Sprintf("老驿站%d", i+1), Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion, Location: place,
			Hours: yizhan.MustHours("Mo-Su 08:30-20:00"), Status: yizhan.StationActive, Community: community, MicroGrid: fmt.Sprintf("%s%03d", community, 3*i+1),
			Services: []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Working}}, Capacity: 8})
	}
	return changeset
}

func newOffice(t testing.TB) *office {
	t.Helper()
	return newOfficeIn(t, cityOfTest())
}

func newOfficeIn(t testing.TB, city yizhan.Changeset) *office {
	t.Helper()
	opened, err := store.Open(t.Context(), store.Options{URL: pgtest.DB(t), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Close)
	if _, err := opened.Apply(t.Context(), city); err != nil {
		t.Fatal(err)
	}
	o := &office{store: opened, by: yizhan.System("import")}
	o.desk, err = intake.NewDesk(intake.Options{Dir: filepath.Join(t.TempDir(), "imports"), Store: opened, Find: formats.Find, City: func() *yizhan.City { return o.city(t) }})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) city(t testing.TB) *yizhan.City {
	if o.now != nil {
		return o.now
	}
	city, err := o.store.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return city
}

func quiet(string, int64, int64) {}

// inspect takes a file in and looks at its beginning.
func (o *office) inspect(t testing.TB, path string, s intake.Settings) (*intake.Import, error) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	im, err := o.desk.Adopt(o.by, path, filepath.Base(path), info.Size())
	if err != nil {
		return nil, err
	}
	if err := im.InspectWith(t.Context(), s, quiet); err != nil {
		return nil, errors.Join(err, o.desk.Forget(im))
	}
	return im, nil
}

func (o *office) forget(t testing.TB, found findings) {
	t.Helper()
	if found.im == nil {
		return
	}
	if err := o.desk.Forget(found.im); err != nil {
		t.Error(err)
	}
}

// checkOnce checks a file, and forgets it.
func (o *office) checkOnce(t testing.TB, path string, s intake.Settings) findings {
	t.Helper()
	found := o.mustCheck(t, path, s)
	o.forget(t, found)
	return found
}

// findings are what a check found.
type findings struct {
	im *intake.Import
	intake.Summary
	problems []importers.Problem
}

// check takes a file in and checks it.
func (o *office) check(t testing.TB, path string, s intake.Settings) (findings, error) {
	t.Helper()
	im, err := o.inspect(t, path, s)
	if err != nil {
		return findings{}, err
	}
	if err := im.Check(t.Context(), o.by, quiet); err != nil {
		return findings{im: im}, err
	}
	page, err := im.Problems("", 0, 1_000)
	if err != nil {
		t.Fatal(err)
	}
	return findings{im, *im.State().Summary, page.Items}, nil
}

func (o *office) mustCheck(t testing.TB, path string, s intake.Settings) findings {
	t.Helper()
	found, err := o.check(t, path, s)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// codes counts problems by their kinds.
func (f findings) codes() map[string]int {
	counts := map[string]int{}
	for _, p := range f.problems {
		counts[p.Code]++
	}
	return counts
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// convert lets GDAL make a file of GeoJSON.
func convert(t testing.TB, driver, name, text string, options ...string) string {
	t.Helper()
	from := write(t, "from.geojson", text)
	path := filepath.Join(filepath.Dir(from), name)
	arguments := append([]string{"-f", driver}, options...)
	if out, err := exec.Command("ogr2ogr", append(arguments, path, from)...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %v: %v\n%s", arguments, err, out)
	}
	return path
}

// geometryText writes an outline as GeoJSON.
func geometryText(area orb.MultiPolygon) string {
	text, err := json.Marshal(map[string]any{"type": "MultiPolygon", "coordinates": area})
	if err != nil {
		panic(err)
	}
	return string(text)
}
