package intake_test

import (
	"os"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers/intake"
	"github.com/yizhan/yizhan/takeaway"
)

// furnish gives the city of the test all that a feature can have: hostile names, an entrance, conditions with their days,
// a friendly scene.
func (o *office) furnish(t *testing.T) {
	t.Helper()
	city := o.city(t)
	full := *city.Stations["150702-0001"]
	full.Name, full.Address, full.Approximate = "=1+1，“老”驿站", "胜利大街 1 号\n, 二楼", true
	full.Sponsor, full.Kind = yizhan.SponsorBank, yizhan.KindEnterprise
	full.Location, full.Entrance = at(0.5123457, 0.5765431), &orb.Point{119.7051235, 49.2057654}
	full.ConfirmedAt = time.Date(2026, 2, 17, 8, 30, 0, 120_000, time.UTC)
	full.Hours = yizhan.MustHours("Mo-Fr 08:30-17:30; Sa 10:00-12:00; Su off")
	full.Services = []yizhan.StationService{{Service: yizhan.Water, Condition: yizhan.Broken, ConfirmedAt: full.ConfirmedAt}, {Service: yizhan.Rest, Condition: yizhan.Limited}}
	scene := &yizhan.FriendlyScene{Code: "HLBE-CJ-01", Name: "天润商圈", Kind: yizhan.SceneShopping, MicroGrids: []string{community + "001", community + "002"}, Stations: []string{"150702-0001"}}
	plain := &yizhan.FriendlyScene{Code: "HLBE-CJ-02", Name: "天润口岸", Kind: yizhan.ScenePort, MicroGrids: []string{community + "004"}}
	seated := *city.Units["150702"]
	seated.NameEn, seated.Type, seated.Seat = "Hailar, \"the\" seat", "市辖区", &orb.Point{119.7051235, 49.2057654}
	farm := &yizhan.Unit{Code: "150702400", Level: yizhan.LevelTownship, Parent: "150702", Name: "哈克农场", Type: "国营农场"} // has no territory
	if _, err := o.store.Apply(t.Context(), yizhan.Changeset{Author: "test", Reason: "furniture",
		Edits: []yizhan.Edit{yizhan.UpdateOf(&full), yizhan.CreateOf(scene), yizhan.CreateOf(plain), yizhan.UpdateOf(&seated), yizhan.CreateOf(farm)}}); err != nil {
		t.Fatal(err)
	}
}

// TestWhatWasTakenOutComesBack imports a file of every format that can be taken out, of every collection that can be
// imported: nothing would change, and nobody is asked anything. The datums take turns; YIZHAN_IMPORT_ROWS asks for
// all of them with all formats.
func TestWhatWasTakenOutComesBack(t *testing.T) {
	o := newOffice(t)
	o.furnish(t)
	datums, turn := []string{"wgs84", "cgcs2000", "cgcs2000-4528", "cgcs2000-4549", "gcj02", "bd09"}, 0
	for _, format := range takeaway.Formats() {
		for _, c := range []intake.Collection{intake.Stations, intake.MicroGrids, intake.Scenes, intake.Units} {
			turn++
			for i, datum := range datums {
				if os.Getenv("YIZHAN_IMPORT_ROWS") == "" && !format.WGS84Only && i != turn%len(datums) {
					continue
				}
				reference, _ := geo.ReferenceOf(datum)
				wanted := takeaway.Wanted{Query: yizhan.Query{Collection: yizhan.Collection(c)}, Format: format.Name, Reference: reference}
				if wanted.Check() != nil {
					continue
				}
				t.Run(format.Name+"/"+string(c)+"/"+datum, func(t *testing.T) { o.takeOutAndIn(t, wanted) })
			}
		}
	}
}

func (o *office) takeOutAndIn(t *testing.T, wanted takeaway.Wanted) {
	t.Helper()
	made, err := takeaway.Write(t.Context(), t.TempDir(), wanted, o.store)
	if err != nil {
		t.Fatal(err)
	}
	found := o.checkOnce(t, made.Path, intake.Settings{})
	if found.Rows != made.Rows || found.Unchanged != made.Rows || found.Created+found.Updated+found.Deleted+found.Errors+found.Left+found.Faults != 0 {
		t.Errorf("%d rows were taken out: %+v %+v", made.Rows, found.Summary, found.problems)
	}
	if got := found.im.State().Settings.Collection; string(got) != string(wanted.Query.Collection) {
		t.Errorf("taken for %s", got)
	}
}
