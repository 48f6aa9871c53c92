// Package gazetteer finds units by code and by name, as the lists of offices have them: with spaces and brackets, with the
// name of the city in front, without what all names of a level end in, or with another ending of it.
package gazetteer

import (
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
)

// Gazetteer knows the names of units. It may be read by many at a time.
type Gazetteer struct {
	units   map[string]*yizhan.Unit
	names   map[string]names          // by code
	exact   map[string][]*yizhan.Unit // by squeezed name
	similar map[string][]*yizhan.Unit // by short name
	cities  []string                  // names that a name of a unit may begin with
}

// names are what a unit is called.
type names struct{ full, english, short string }

// New makes one of the units of a city; of those within one of them, if its code is given.
func New(city *yizhan.City, within string) *Gazetteer {
	g := &Gazetteer{units: map[string]*yizhan.Unit{}, names: map[string]names{}, exact: map[string][]*yizhan.Unit{}, similar: map[string][]*yizhan.Unit{}}
	for _, unit := range yizhan.Sorted(city.Units) {
		if within != "" && !strings.HasPrefix(unit.Code, yizhan.UnitPrefix(within)) {
			continue
		}
		g.units[unit.Code] = unit
		own := names{full: Squeeze(unit.Name), english: Squeeze(unit.NameEn)}
		own.short = shorten(own.full, unit.Level)
		g.names[unit.Code] = own
		if unit.Level == yizhan.LevelCity {
			g.cities = append(g.cities, own.full)
		}
		g.exact[own.full] = append(g.exact[own.full], unit)
		if own.english != "" && own.english != own.full {
			g.exact[own.english] = append(g.exact[own.english], unit)
		}
		g.similar[own.short] = append(g.similar[own.short], unit)
	}
	return g
}

// Unit is the unit of a code; nil if there is none.
func (g *Gazetteer) Unit(code string) *yizhan.Unit { return g.units[code] }

// Called lists the units that a name may mean, of a level, or of any if none is given, and among those that fit; nil
// for all. If it is the very name of some, exact is true and only those are listed.
func (g *Gazetteer) Called(name string, level yizhan.Level, fits func(*yizhan.Unit) bool) (found []*yizhan.Unit, exact bool) {
	name = Squeeze(name)
	if name == "" {
		return nil, false
	}
	add := func(units []*yizhan.Unit, level yizhan.Level) {
		for _, unit := range units {
			if (level == "" || unit.Level == level) && (fits == nil || fits(unit)) {
				found = append(found, unit)
			}
		}
	}
	if add(g.exact[name], level); len(found) > 0 {
		return found, true
	}
	levels := []yizhan.Level{level}
	if level == "" {
		levels = yizhan.Levels()
	}
	for _, level := range levels {
		add(g.similar[g.short(name, level)], level)
	}
	return found, false
}

// IsCalled tells whether a unit may be meant by a name.
func (g *Gazetteer) IsCalled(unit *yizhan.Unit, name string) bool {
	own := g.names[unit.Code]
	name = Squeeze(name)
	return name == own.full || name == own.english && name != "" || g.short(name, unit.Level) == own.short
}

// short takes the name of the city and the ending away.
func (g *Gazetteer) short(name string, level yizhan.Level) string {
	for _, city := range g.cities {
		name = strings.TrimPrefix(name, city)
	}
	return shorten(name, level)
}

// Squeeze takes away spaces and brackets with what is in them, and makes letters small.
func Squeeze(name string) string {
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

const shortest = 2 // characters: less does not tell units apart

// shorten gives a name without its ending, if enough is left.
func shorten(name string, level yizhan.Level) string {
	i := slices.IndexFunc(endings[level], func(ending string) bool {
		stem, has := strings.CutSuffix(name, ending)
		return has && len([]rune(stem)) >= shortest
	})
	if i < 0 {
		return name
	}
	return strings.TrimSuffix(name, endings[level][i])
}
