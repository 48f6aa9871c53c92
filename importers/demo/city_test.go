package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/yizhan/yizhan"
)

var generateOnce = sync.OnceValues(func() (*City, error) { return Generate(context.Background(), nil) })

func generated(t testing.TB) *City {
	t.Helper()
	city, err := generateOnce()
	if err != nil {
		t.Fatal(err)
	}
	return city
}

func TestCounts(t *testing.T) {
	city := generated(t)
	levels := map[yizhan.Level]int{}
	households := 0
	for _, u := range city.Units {
		levels[u.Level]++
	}
	for _, g := range city.MicroGrids {
		households += g.Households
	}
	led := 0
	for _, l := range city.Leaders {
		led += l.Households
	}
	for _, figure := range []struct {
		name      string
		got, want int
	}{
		{"cities", levels[yizhan.LevelCity], 1},
		{"banners", levels[yizhan.LevelBanner], 14},
		{"townships", levels[yizhan.LevelTownship], 158},
		{"communities", levels[yizhan.LevelCommunity], 1_173},
		{"micro-grids", len(city.MicroGrids), 38_723},
		{"leaders", len(city.Leaders), 39_728},
		{"households", households, 1_152_112},
		{"households led", led, 1_152_112},
		{"stations", len(city.Stations), 550},
		{"scenes", len(city.Scenes), 9},
	} {
		if figure.got != figure.want {
			t.Errorf("%d %s, want %d", figure.got, figure.name, figure.want)
		}
	}
}

func TestEveryFeatureIsValid(t *testing.T) {
	city := generated(t)
	seen := map[yizhan.Ref]bool{}
	for feature := range city.features {
		if err := feature.Validate(); err != nil {
			t.Errorf("%s: %v", feature.Ref(), err)
		}
		if seen[feature.Ref()] {
			t.Errorf("%s occurs twice", feature.Ref())
		}
		seen[feature.Ref()] = true
		if feature.At() != 1 {
			t.Errorf("%s: version %d, want 1", feature.Ref(), feature.At())
		}
	}
}

func TestOnlyRealThingsAreNotSynthetic(t *testing.T) {
	city := generated(t)
	for _, u := range city.Units {
		drawn := u.Boundary != nil && (u.Level == yizhan.LevelTownship || u.Level == yizhan.LevelCommunity)
		if u.Synthetic != drawn {
			t.Errorf("%s %s: synthetic %t, want %t", u.Code, u.Name, u.Synthetic, drawn)
		}
	}
	for _, g := range city.MicroGrids {
		if !g.Synthetic {
			t.Errorf("micro-grid %s is not marked synthetic", g.Code)
		}
	}
	for _, s := range city.Stations {
		if !s.Synthetic {
			t.Errorf("station %s is not marked synthetic", s.Code)
		}
	}
	for _, s := range city.Scenes {
		if !s.Synthetic {
			t.Errorf("scene %s is not marked synthetic", s.Code)
		}
	}
	for _, l := range city.Leaders {
		if !l.Synthetic {
			t.Errorf("leader %s is not marked synthetic", l.Code)
		}
	}
}

func TestUnitsWithoutCommunitiesHaveNoTerritory(t *testing.T) {
	without := 0
	for _, u := range generated(t).Units {
		if u.Boundary == nil {
			without++
			if u.Level != yizhan.LevelTownship {
				t.Errorf("%s %s has no territory", u.Level, u.Code)
			}
		}
	}
	if without != 16 {
		t.Errorf("%d units without territory, want 16", without)
	}
}

func TestFiguresPerBanner(t *testing.T) {
	city := generated(t)
	type figures struct{ communities, households, grids, leaders, stations int }
	got := map[string]*figures{}
	at := func(code string) *figures {
		if got[code[:6]] == nil {
			got[code[:6]] = &figures{}
		}
		return got[code[:6]]
	}
	for _, u := range city.Units {
		if u.Level == yizhan.LevelCommunity {
			at(u.Code).communities++
		}
	}
	for _, g := range city.MicroGrids {
		at(g.Code).grids++
		at(g.Code).households += g.Households
	}
	for _, l := range city.Leaders {
		at(l.Code).leaders++
	}
	for _, s := range city.Stations {
		at(s.Code).stations++
	}
	err := readTable("banner_allocation.csv", func(row row) error {
		code := row.text("banner_code")
		want := figures{row.number("communities"), row.number("households"), row.number("micro_grids"), row.number("unit_leaders"), row.number("stations")}
		if *got[code] != want {
			t.Errorf("%s: %+v, want %+v", code, *got[code], want)
		}
		return row.err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBytesAreTheSame(t *testing.T) {
	sum := sha256.New()
	if _, err := generated(t).WriteTo(sum); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != SHA256 {
		t.Errorf("SHA-256 %s, want %s", got, SHA256)
	}
}

func TestCodesAscend(t *testing.T) {
	city := generated(t)
	if !slices.IsSortedFunc(city.MicroGrids, func(a, b *yizhan.MicroGrid) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("micro-grids are not in code order")
	}
	if !slices.IsSortedFunc(city.Stations, func(a, b *yizhan.Station) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("stations are not in code order")
	}
	if !slices.IsSortedFunc(city.Scenes, func(a, b *yizhan.FriendlyScene) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("scenes are not in code order")
	}
	if !slices.IsSortedFunc(city.Leaders, func(a, b *yizhan.Leader) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("leaders are not in code order")
	}
}

func TestReferencesGoBackwards(t *testing.T) {
	set := generated(t).Changeset()
	known := map[yizhan.Ref]bool{{Collection: yizhan.Units}: true}
	for _, edit := range set.Edits {
		for _, ref := range references(edit.Feature) {
			if !known[ref] {
				t.Errorf("%s refers to %s, which does not come before it", edit.Ref, ref)
			}
		}
		known[edit.Ref] = true
	}
}

func references(feature yizhan.Feature) []yizhan.Ref {
	switch f := feature.(type) {
	case *yizhan.Unit:
		return []yizhan.Ref{{Collection: yizhan.Units, Code: f.Parent}}
	case *yizhan.MicroGrid:
		return []yizhan.Ref{{Collection: yizhan.Units, Code: f.Community}}
	case *yizhan.Station:
		return []yizhan.Ref{{Collection: yizhan.Units, Code: f.Community}, {Collection: yizhan.MicroGrids, Code: f.MicroGrid}}
	case *yizhan.Leader:
		return []yizhan.Ref{{Collection: yizhan.MicroGrids, Code: f.MicroGrid}}
	case *yizhan.FriendlyScene:
		var refs []yizhan.Ref
		for _, code := range f.MicroGrids {
			refs = append(refs, yizhan.Ref{Collection: yizhan.MicroGrids, Code: code})
		}
		for _, code := range f.Stations {
			refs = append(refs, yizhan.Ref{Collection: yizhan.Stations, Code: code})
		}
		return refs
	}
	return nil
}

func TestGenerateStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Generate(ctx, nil); err == nil {
		t.Error("went on after the context ended")
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(context.Background(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
