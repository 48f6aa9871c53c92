package basemap_test

import (
	"testing"

	"github.com/yizhan/yizhan/tiles/basemap"
)

func TestLoad(t *testing.T) {
	m, err := basemap.Load()
	if err != nil {
		t.Fatal(err)
	}
	got := [...]int{len(m.CountryLines), len(m.ProvinceLines), len(m.Roads), len(m.Railways), len(m.Rivers), len(m.Lakes), len(m.UrbanAreas), len(m.Places)}
	if want := [...]int{90, 6, 54, 8, 16, 9, 13, 30}; got != want {
		t.Errorf("counts are %v, want %v", got, want)
	}
	names := map[string]string{}
	for _, p := range m.Places {
		names[p.NameEn] = p.Name
	}
	if names["Hailar"] != "海拉尔区" || names["Krasnokamensk"] != "克拉斯诺卡缅斯克" {
		t.Errorf("names are %v", names)
	}
	for _, river := range m.Rivers {
		if river.Name == "" || river.Name == river.NameEn {
			t.Errorf("river %q has no Chinese name", river.NameEn)
		}
	}
	for _, road := range m.Roads {
		if road.Class == "" {
			t.Error("a road has no class")
		}
	}
}
