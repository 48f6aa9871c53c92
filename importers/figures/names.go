package figures

import (
	"slices"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/gazetteer"
)

// totals are what rows of sums are called.
var totals = []string{"合计", "总计", "小计", "共计", "总数", "全市", "全旗", "全区", "全县", "total"}

func isTotal(name string) bool {
	name = gazetteer.Squeeze(name)
	return slices.ContainsFunc(totals, func(total string) bool { return name == total || strings.HasSuffix(name, total) })
}

// named finds the units of a level that a name may mean, and whether it is their very name. Parent, if it means
// a unit above, narrows them.
func named(g *gazetteer.Gazetteer, name, parent string, level yizhan.Level) (found []*yizhan.Unit, exact bool) {
	above := aboveNamed(g, parent, level)
	return g.Called(name, level, func(u *yizhan.Unit) bool {
		return above == nil || slices.ContainsFunc(above, func(a *yizhan.Unit) bool { return strings.HasPrefix(u.Code, a.Code) })
	})
}

// aboveNamed are the units of higher levels that a text means, the lowest of them.
func aboveNamed(g *gazetteer.Gazetteer, name string, below yizhan.Level) []*yizhan.Unit {
	levels := yizhan.Levels()
	for i := slices.Index(levels, below) - 1; i >= 1 && name != ""; i-- {
		if found, _ := g.Called(name, levels[i], nil); len(found) > 0 {
			return found
		}
	}
	return nil
}
