package intake_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
	"github.com/yizhan/yizhan/importers/intake"
)

// The second micro-grid reaches 0.3 m into the first, and leaves a gap of as much to the fourth.
var (
	crooked = feature(community+"002", "第2微网格", polygon(lattice(0.9996, 0, 2, 0, 2, 0.9997, 1, 0.9997, 0.9996, 0)))
	grids   = intake.Settings{Collection: intake.MicroGrids}
)

func TestTopologyIsToldAndRepaired(t *testing.T) {
	o := newOffice(t)
	path := write(t, "a.geojson", collection(one, crooked, three, four))
	found := o.mustCheck(t, path, grids)
	faults, err := found.im.Topology(0, 100)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, f := range faults.Items {
		kinds[f.Kind]++
		if f.Community != community || f.AreaM2 <= 0 || f.Shape.Geometry() == nil || len(f.Codes) == 0 {
			t.Errorf("%+v", f)
		}
	}
	if found.Faults != int64(len(faults.Items)) || len(faults.Items) < 2 || found.Why(grids) != "faults" {
		t.Fatalf("%+v %v", found.Summary, kinds)
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); yizhan.CodeOf(err) != yizhan.CodeConflict {
		t.Fatalf("committed what is no partition: %v", err)
	}
	repair := grids
	repair.RepairM = 2
	if _, err := found.im.Set(repair); err != nil {
		t.Fatal(err)
	}
	if err := found.im.Check(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}
	sum := found.im.State().Summary
	if sum.Faults != 0 || sum.Repairs < 2 {
		t.Fatalf("%+v", sum)
	}
	if sum.Why(repair) == "nothing" {
		return // the strips went back to whom they were of
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatalf("the database takes it for no partition: %v", err)
	}
}

// A community is redrawn: three micro-grids take the place of four.
func TestCommunityIsRedrawn(t *testing.T) {
	o := newOffice(t)
	below := feature(community+"001", "第1微网格", polygon(lattice(0, 0, 1, 0, 2, 0, 2, 1, 1, 1, 0, 1, 0, 0)))
	text := collection(below, three, four)
	kept := o.mustCheck(t, write(t, "a.geojson", text), intake.Settings{Collection: intake.MicroGrids, Missing: intake.Keep})
	if kept.Faults == 0 || kept.Deleted != 0 {
		t.Fatalf("what overlaps one that is kept is a fault: %+v", kept.Summary)
	}
	found := o.mustCheck(t, write(t, "b.geojson", text), grids)
	if found.Faults != 0 || found.Updated != 1 || found.Deleted != 1 || found.Unchanged != 2 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatal(err)
	}
	if have := len(o.city(t).MicroGrids); have != 3 {
		t.Errorf("%d micro-grids", have)
	}
	if err := found.im.Revert(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}
	if have := len(o.city(t).MicroGrids); have != 4 {
		t.Errorf("%d micro-grids after the undo", have)
	}
}

func TestHouseholdsWithoutOutlines(t *testing.T) {
	o := newOffice(t)
	text := "网格编码,社区,名称,户数\n" + community + "001,,,31\n,天润社区,第2微网格,40户\n,天润,第9微网格,12\n" + community + "777,,,5\n"
	found := o.mustCheck(t, write(t, "a.csv", text), grids)
	if found.Updated != 2 || found.Left != 2 || found.Errors != 0 {
		t.Fatalf("%+v %+v", found.Summary, found.problems)
	}
	skip := grids
	skip.SkipBad = true
	if _, err := found.im.Set(skip); err != nil {
		t.Fatal(err)
	}
	if err := found.im.Check(t.Context(), o.by, quiet); err != nil {
		t.Fatal(err)
	}
	if err := found.im.Commit(t.Context(), o.by, "", quiet); err != nil {
		t.Fatal(err)
	}
	city := o.city(t)
	if city.MicroGrids[community+"001"].Households != 31 || city.MicroGrids[community+"002"].Households != 40 {
		t.Error("the counts are not in")
	}
}

// TestWholeCityOfOutlines imports every micro-grid of the demo city, which changes nothing; YIZHAN_IMPORT_ROWS asks
// for all 38,723, and else for a banner's.
func TestWholeCityOfOutlines(t *testing.T) {
	o := newOffice(t)
	generated, err := demo.Generate(t.Context(), func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	city := &yizhan.City{Units: map[string]*yizhan.Unit{}, MicroGrids: map[string]*yizhan.MicroGrid{}}
	for _, u := range generated.Units {
		city.Units[u.Code] = u
	}
	var features []string
	for _, g := range generated.MicroGrids {
		if os.Getenv("YIZHAN_IMPORT_ROWS") == "" && g.Code[:6] != "150703" {
			continue
		}
		was := *g
		was.Households++ // each is changed, and judged with its outline
		was.Boundary = nil
		city.MicroGrids[g.Code] = &was
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":%q,"households":%d},"geometry":%s}`, g.Code, g.Name, g.Households, geometryText(g.Boundary)))
	}
	o.now = city
	began := time.Now()
	found := o.mustCheck(t, write(t, "city.geojson", collection(features...)), grids)
	t.Logf("%d outlines checked in %v", len(features), time.Since(began).Round(time.Millisecond))
	if found.Updated != int64(len(features)) || found.Faults != 0 || found.Errors+found.Left != 0 {
		t.Errorf("%+v %+v", found.Summary, found.problems[:min(3, len(found.problems))])
	}
}
