package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

func checkEqual(t *testing.T, what string, got, want yizhan.Feature) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got\n%+v, want\n%+v", what, got, want)
	}
}

func checkSameCity(t *testing.T, got, want *yizhan.City) {
	t.Helper()
	if got.Seq != want.Seq {
		t.Errorf("at seq %d, want %d", got.Seq, want.Seq)
	}
	checkSame(t, got.Units, want.Units)
	checkSame(t, got.MicroGrids, want.MicroGrids)
	checkSame(t, got.Stations, want.Stations)
	checkSame(t, got.Scenes, want.Scenes)
}

func checkSame[F yizhan.Feature](t *testing.T, got, want map[string]F) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d features, want %d", len(got), len(want))
	}
	for code, f := range want {
		if other, ok := got[code]; !ok || !reflect.DeepEqual(other, f) {
			t.Errorf("got\n%+v, want\n%+v", other, f)
		}
	}
}

// replay builds the city from the log alone.
func replay(t *testing.T, s *store.Store) *yizhan.City {
	t.Helper()
	return replayBy(t, s, 7) // small pages, to cross their borders
}

func replayBy(t *testing.T, s *store.Store, limit int) *yizhan.City {
	t.Helper()
	city := &yizhan.City{Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{}}
	for {
		changes, err := s.Changes(t.Context(), city.Seq, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			return city
		}
		city = city.Next(changes)
	}
}

// TestEveryFeatureComesBack stores features made at random, changes them at random, and compares what
// FindOne, Find, Snapshot and the log say about them.
func TestEveryFeatureComesBack(t *testing.T) {
	s, _ := openFixture(t)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 25 {
		code := fmt.Sprintf("R-%03d", round)
		var edits []yizhan.Edit
		made := randomFeatures(random, code, fmt.Sprintf("1507%02d", 10+round))
		for _, f := range made {
			edits = append(edits, yizhan.CreateOf(f))
		}
		apply(t, s, edits...)
		for _, f := range made {
			checkStored(t, s, f, 1)
		}
		changed := randomFeatures(random, code, fmt.Sprintf("1507%02d", 10+round))
		edits = nil
		for _, f := range changed {
			setVersion(f, 1)
			edits = append(edits, yizhan.UpdateOf(f))
		}
		apply(t, s, edits...)
		for _, f := range changed {
			checkStored(t, s, f, 2)
		}
		if round%3 == 0 {
			apply(t, s, yizhan.Edit{Op: yizhan.Delete, Ref: changed[0].Ref(), BaseVersion: 2})
		}
	}
	city, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkSameCity(t, replay(t, s), city)
}

func checkStored(t *testing.T, s *store.Store, want yizhan.Feature, version int64) {
	t.Helper()
	setVersion(want, version)
	got, err := s.FindOne(t.Context(), want.Ref())
	if err != nil {
		t.Fatal(err)
	}
	if scene, ok := got.(*yizhan.FriendlyScene); ok {
		if len(scene.Boundary) == 0 {
			t.Errorf("%s has no boundary", scene.Ref())
		}
		want.(*yizhan.FriendlyScene).Boundary = scene.Boundary
	}
	checkEqual(t, "find one", got, want)
	before := want.Ref().Code[:len(want.Ref().Code)-1] // sorts before it
	page, err := s.Find(t.Context(), yizhan.Query{Collection: want.Ref().Collection, After: before, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(page.Features, func(f yizhan.Feature) bool { return f.Ref() == want.Ref() })
	if i < 0 {
		t.Fatalf("%s is not in the page", want.Ref())
	}
	checkEqual(t, "find", page.Features[i], want)
}

func setVersion(f yizhan.Feature, version int64) {
	reflect.ValueOf(f).Elem().FieldByName("Version").SetInt(version)
}

// randomFeatures makes a scene first, then a station, a banner, a leader: every collection but
// micro-grids, which the partition binds.
func randomFeatures(random *rand.Rand, code, bannerCode string) []yizhan.Feature {
	names := []string{"驿站", "a'b\"c\\d", "Ñandú <script>", "\t\n ", "𠮷野家", "{\"json\": null}", "%s $1 ?"}
	pick := func() string { return names[random.IntN(len(names))] }
	when := func() time.Time {
		if random.IntN(3) == 0 {
			return time.Time{}
		}
		return time.UnixMicro(random.Int64N(2e15)).UTC()
	}
	point := func() orb.Point { return at(random.Float64()*4, random.Float64()*2) }
	optional := func() *orb.Point {
		if random.IntN(2) == 0 {
			return nil
		}
		p := point()
		return &p
	}
	hours := []string{"", "24/7", "Mo-Su 09:00-18:00", "Mo 22:00-06:00; 2026-02-17 off"}
	sponsor := yizhan.Sponsors()[random.IntN(len(yizhan.Sponsors()))]
	stop := &yizhan.Station{Code: code + "-S", Name: pick(), Kind: sponsor.Kind(), Sponsor: sponsor, Address: pick(),
		Location: point(), Approximate: random.IntN(2) == 0, Entrance: optional(), Capacity: random.IntN(1001),
		Hours: yizhan.MustHours(hours[random.IntN(len(hours))]), Status: yizhan.StationSuspended, Community: east,
		MicroGrid: []string{"", east + "002"}[random.IntN(2)], ConfirmedAt: when(), Synthetic: random.IntN(2) == 0}
	for _, i := range random.Perm(12)[:random.IntN(13)] {
		stop.Services = append(stop.Services, yizhan.StationService{Service: yizhan.Services()[i],
			Condition: []yizhan.Condition{yizhan.Working, yizhan.Limited, yizhan.Broken, yizhan.Uncertain}[random.IntN(4)], ConfirmedAt: when()})
	}
	scene := &yizhan.FriendlyScene{Code: code, Name: pick(), Kind: yizhan.SceneKinds()[random.IntN(9)], Synthetic: random.IntN(2) == 0}
	for serial := 1; serial <= 4; serial++ {
		if random.IntN(2) == 0 || serial == 4 {
			scene.MicroGrids = append(scene.MicroGrids, fmt.Sprintf("%s%03d", east, serial))
		}
	}
	if random.IntN(2) == 0 {
		scene.Stations = []string{"150702-0002", stop.Code}
	}
	area := &yizhan.Unit{Code: bannerCode, Level: yizhan.LevelBanner, Parent: city, Name: pick(), NameEn: pick(), Type: pick(),
		Seat: optional(), Synthetic: random.IntN(2) == 0}
	if random.IntN(2) == 0 {
		x, y := random.Float64()*3, random.Float64()
		area.Boundary = orb.MultiPolygon{{box(x, y, x+0.4, y+0.4)[0][0], reversed(box(x+0.1, y+0.1, x+0.2, y+0.2)[0][0])}, box(x+0.5, y, x+0.9, y+0.1)[0]}
	}
	head := leader(west+"001", 1)
	head.Code = fmt.Sprintf("%s%02d", west+"001", 10+int(bannerCode[4]-'0')*10+int(bannerCode[5]-'0'))
	head.Households, head.Role = random.IntN(100), []yizhan.LeaderRole{yizhan.RoleUnitLeader, yizhan.RoleGridMember, yizhan.RolePartyGroup}[random.IntN(3)]
	head.Selected = []string{"elected", "recommended", "appointed"}[random.IntN(3)]
	return []yizhan.Feature{scene, stop, area, head}
}

func reversed(ring orb.Ring) orb.Ring {
	ring = slices.Clone(ring)
	slices.Reverse(ring)
	return ring
}

// TestShapesAreStoredInOneForm gives shapes in other forms than they are stored in.
func TestShapesAreStoredInOneForm(t *testing.T) {
	s, _ := openFixture(t)
	tidy := box(0, 0, 1, 1)
	messy := orb.MultiPolygon{{reversed(tidy[0][0])}}
	for i := range messy[0][0] {
		messy[0][0][i][0] += 3e-8
	}
	messy[0][0] = slices.Insert(messy[0][0], 1, messy[0][0][1])
	apply(t, s, yizhan.UpdateOf(reshaped(west+"001", messy)))
	got := getGrid(t, s, west+"001").Boundary
	if len(got[0][0]) != 5 || got[0][0].Orientation() != orb.CCW {
		t.Errorf("stored as %v", got)
	}
	for _, p := range got[0][0] {
		if !slices.Contains(tidy[0][0], p) {
			t.Errorf("vertex %v is not on the grid", p)
		}
	}
}

// TestLeadersLeaveNoTrace checks that the log tells of leaders only that they changed, and that sealed
// data survives an update.
func TestLeadersLeaveNoTrace(t *testing.T) {
	s, url := openFixture(t)
	code := west + "00101"
	conn := connect(t, url)
	exec(t, conn, `UPDATE leaders SET sealed = 'secret' WHERE code = '`+code+`'`)
	changed := leader(west+"001", 1)
	changed.Version, changed.Selected = 1, "appointed"
	applied := apply(t, s, yizhan.UpdateOf(changed))
	changes, err := s.Changes(t.Context(), applied.FirstSeq-1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c := changes[0]; c.Before != nil || c.After != nil || c.Version != 2 || c.Ref.Code != code || c.Author != "test" || time.Since(c.At) > time.Hour {
		t.Errorf("%+v", c)
	}
	var sealed string
	if err := conn.QueryRow(context.Background(), `SELECT sealed::text FROM leaders WHERE code = $1`, code).Scan(&sealed); err != nil || sealed != `\x736563726574` {
		t.Errorf("sealed is %q, %v", sealed, err)
	}
}
