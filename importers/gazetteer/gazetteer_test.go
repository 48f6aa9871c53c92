package gazetteer_test

import (
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/gazetteer"
)

func cityOfTest() *yizhan.City {
	city := &yizhan.City{Units: map[string]*yizhan.Unit{}}
	for _, u := range []yizhan.Unit{
		{Code: "150700", Level: yizhan.LevelCity, Name: "呼伦贝尔市"},
		{Code: "150702", Level: yizhan.LevelBanner, Name: "海拉尔区", NameEn: "Hailar"}, {Code: "150722", Level: yizhan.LevelBanner, Name: "莫力达瓦达斡尔族自治旗"},
		{Code: "150702001", Level: yizhan.LevelTownship, Name: "正阳街道"}, {Code: "150722001", Level: yizhan.LevelTownship, Name: "正阳镇"},
		{Code: "150702001001", Level: yizhan.LevelCommunity, Name: "天润社区"}, {Code: "150702001002", Level: yizhan.LevelCommunity, Name: "天润"},
		{Code: "150722001001", Level: yizhan.LevelCommunity, Name: "特莫呼珠嘎查"}, {Code: "150722001002", Level: yizhan.LevelCommunity, Name: "东社区"},
	} {
		u.Parent = yizhan.ParentCode(u.Level, u.Code)
		city.Units[u.Code] = &u
	}
	return city
}

func TestCalled(t *testing.T) {
	g := gazetteer.New(cityOfTest(), "")
	in := func(prefix string) func(*yizhan.Unit) bool {
		return func(u *yizhan.Unit) bool { return strings.HasPrefix(u.Code, prefix) }
	}
	for _, c := range []struct {
		name  string
		level yizhan.Level
		fits  func(*yizhan.Unit) bool
		codes string
		exact bool
	}{
		{"海拉尔区", "", nil, "150702", true},
		{" 海 拉 尔 区（城区）", "", nil, "150702", true},
		{"hailar", yizhan.LevelBanner, nil, "150702", true},
		{"海拉尔", yizhan.LevelBanner, nil, "150702", false},
		{"呼伦贝尔市海拉尔区", yizhan.LevelBanner, nil, "150702", false},
		{"莫力达瓦旗", yizhan.LevelBanner, nil, "150722", false},
		{"正阳", "", nil, "150702001 150722001", false},
		{"正阳", yizhan.LevelTownship, in("150722"), "150722001", false},
		{"正阳街道办事处", yizhan.LevelTownship, in("150702"), "150702001", false},
		{"天润社区居委会", yizhan.LevelCommunity, nil, "150702001001 150702001002", false},
		{"天润", yizhan.LevelCommunity, nil, "150702001002", true}, // the very name first
		{"特莫呼珠村", yizhan.LevelCommunity, nil, "150722001001", false},
		{"东", yizhan.LevelCommunity, nil, "", false}, // too little to tell
		{"海拉尔", yizhan.LevelCommunity, nil, "", false},
		{"", "", nil, "", false},
		{"（）", "", nil, "", false},
	} {
		found, exact := g.Called(c.name, c.level, c.fits)
		codes := make([]string, len(found))
		for i, u := range found {
			codes[i] = u.Code
			if !g.IsCalled(u, c.name) {
				t.Errorf("%q finds %s, which is not called so", c.name, u.Name)
			}
		}
		if got := strings.Join(codes, " "); got != c.codes || exact != c.exact {
			t.Errorf("%q %s: %q exact %v, want %q %v", c.name, c.level, got, exact, c.codes, c.exact)
		}
	}
}

func TestWithin(t *testing.T) {
	g := gazetteer.New(cityOfTest(), "150702")
	if g.Unit("150722") != nil || g.Unit("150702001") == nil {
		t.Error("units outside are known, or those inside are not")
	}
	if found, _ := g.Called("正阳", "", nil); len(found) != 1 {
		t.Errorf("%d units", len(found))
	}
	if g.IsCalled(g.Unit("150702"), "") || g.IsCalled(g.Unit("150702001"), "正") {
		t.Error("too little is taken for a name")
	}
}
