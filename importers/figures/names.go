package figures

import (
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
)

// gazetteer finds units by code and by name.
type gazetteer struct {
	units   map[string]*yizhan.Unit
	exact   map[string][]*yizhan.Unit // by name without spaces
	similar map[string][]*yizhan.Unit // by name without what all names of a level end in
	cities  []string                  // names that a name of a banner may begin with
}

func newGazetteer(city *yizhan.City, within string) *gazetteer {
	g := &gazetteer{units: map[string]*yizhan.Unit{}, exact: map[string][]*yizhan.Unit{}, similar: map[string][]*yizhan.Unit{}}
	for _, unit := range yizhan.Sorted(city.Units) {
		if within != "" && !strings.HasPrefix(unit.Code, yizhan.UnitPrefix(within)) {
			continue
		}
		g.units[unit.Code] = unit
		if unit.Level == yizhan.LevelCity {
			g.cities = append(g.cities, squeeze(unit.Name))
		}
		name := squeeze(unit.Name)
		g.exact[name] = append(g.exact[name], unit)
		if english := squeeze(unit.NameEn); english != "" && english != name {
			g.exact[english] = append(g.exact[english], unit)
		}
		for _, key := range keysOf(unit) {
			g.similar[key] = append(g.similar[key], unit)
		}
	}
	return g
}

// squeeze takes away spaces and brackets with what is in them, and makes letters small.
func squeeze(name string) string {
	var out strings.Builder
	depth := 0
	for _, r := range strings.ToLower(name) {
		switch {
		case strings.ContainsRune("（([【", r):
			depth++
		case strings.ContainsRune("）)]】", r):
			depth = max(0, depth-1)
		case depth == 0 && !strings.ContainsRune(" \t\r\n\u00a0\u3000·•．.", r):
			out.WriteRune(r)
		}
	}
	return out.String()
}

// endings are what names of a level end in, the longest first; tables often leave them out or write others.
var endings = map[yizhan.Level][]string{
	yizhan.LevelBanner:    {"达斡尔族自治旗", "族自治旗", "自治旗", "旗", "区", "市", "县"},
	yizhan.LevelTownship:  {"街道办事处", "办事处", "街道", "民族苏木", "民族乡", "苏木", "镇", "乡"},
	yizhan.LevelCommunity: {"社区居民委员会", "居民委员会", "社区居委会", "居委会", "嘎查村民委员会", "嘎查委员会", "村民委员会", "村委会", "社区", "嘎查", "村"},
}

// keysOf are the short forms of a unit's name.
func keysOf(unit *yizhan.Unit) []string { return shorten(squeeze(unit.Name), unit.Level) }

// shorten gives a name without its ending; nothing if too little is left to tell units apart.
func shorten(name string, level yizhan.Level) []string {
	for _, ending := range endings[level] {
		stem, has := strings.CutSuffix(name, ending)
		if has && len([]rune(stem)) >= 2 {
			return []string{stem}
		}
	}
	return []string{name}
}

// totals are what rows of sums are called.
var totals = []string{"合计", "总计", "小计", "共计", "总数", "全市", "全旗", "全区", "全县", "total"}

func isTotal(name string) bool {
	name = squeeze(name)
	return slices.ContainsFunc(totals, func(total string) bool { return name == total || strings.HasSuffix(name, total) })
}

// named finds the units of a level that a name may mean, and whether it is their very name. Parent, if it means
// a unit above, narrows them.
func (g *gazetteer) named(name, parent string, level yizhan.Level) (found []*yizhan.Unit, exact bool) {
	name = squeeze(name)
	if name == "" {
		return nil, false
	}
	above := g.aboveNamed(parent, level)
	if found = narrow(g.exact[name], level, above); len(found) > 0 {
		return found, true
	}
	for _, city := range g.cities {
		name = strings.TrimPrefix(name, city)
	}
	for _, key := range shorten(name, level) {
		found = append(found, narrow(g.similar[key], level, above)...)
	}
	return found, false
}

// aboveNamed are the units of higher levels that a text means, the lowest of them.
func (g *gazetteer) aboveNamed(name string, below yizhan.Level) []*yizhan.Unit {
	levels := yizhan.Levels()
	for i := slices.Index(levels, below) - 1; i >= 1 && name != ""; i-- {
		if found, _ := g.named(name, "", levels[i]); len(found) > 0 {
			return found
		}
	}
	return nil
}

func narrow(units []*yizhan.Unit, level yizhan.Level, above []*yizhan.Unit) []*yizhan.Unit {
	var kept []*yizhan.Unit
	for _, unit := range units {
		inside := above == nil || slices.ContainsFunc(above, func(a *yizhan.Unit) bool { return strings.HasPrefix(unit.Code, a.Code) })
		if unit.Level == level && inside {
			kept = append(kept, unit)
		}
	}
	return kept
}
