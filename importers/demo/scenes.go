package demo

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/plane"
)

// scenePlan says which friendly scenes the city has.
var scenePlan = []struct {
	banner string
	kind   yizhan.SceneKind
	word   string
}{
	{"150702", yizhan.SceneShopping, "友好商圈"},
	{"150702", yizhan.SceneCommunity, "友好社区"},
	{"150702", yizhan.SceneHospital, "友好医院"},
	{"150703", yizhan.ScenePark, "友好园区"},
	{"150721", yizhan.SceneCanteen, "友好食堂"},
	{"150781", yizhan.ScenePort, "友好口岸"},
	{"150781", yizhan.SceneScenic, "友好景区"},
	{"150782", yizhan.SceneTransit, "友好车站"},
	{"150783", yizhan.SceneMarket, "友好市场"},
}

const (
	sceneLeast = 3  // micro-grids
	sceneMost  = 12 // micro-grids
)

// addScenes makes each scene of blocks in one large neighbourhood, around two stations that are close together.
func (a *assembly) addScenes() error {
	used := map[*community]bool{}
	serial := map[string]int{}
	for _, plan := range scenePlan {
		serial[plan.banner]++
		code := fmt.Sprintf("%s-F%02d", plan.banner, serial[plan.banner])
		c, blocks := a.sceneIn(plan.banner, used, roll("scene", code))
		if c == nil {
			return fmt.Errorf("no place for scene %s", code)
		}
		used[c] = true
		a.city.Scenes = append(a.city.Scenes, a.scene(code, c.name+plan.word, plan.kind, blocks))
	}
	shapes := a.shapes(len(a.city.Scenes), func(f plane.Face) int {
		grid := a.gridOf[f]
		if grid == nil {
			return outsideLabel
		}
		return slices.IndexFunc(a.city.Scenes, func(s *yizhan.FriendlyScene) bool {
			_, in := slices.BinarySearch(s.MicroGrids, grid.Code)
			return in
		})
	})
	for i, scene := range a.city.Scenes {
		scene.Boundary = shapes[i]
	}
	return nil
}

func (a *assembly) scene(code, name string, kind yizhan.SceneKind, blocks []plane.Face) *yizhan.FriendlyScene {
	s := &yizhan.FriendlyScene{Code: code, Name: name, Kind: kind, Synthetic: true, Version: 1}
	for _, f := range blocks {
		s.MicroGrids = append(s.MicroGrids, a.gridOf[f].Code)
	}
	slices.Sort(s.MicroGrids)
	for _, station := range a.city.Stations {
		if slices.Contains(s.MicroGrids, station.MicroGrid) {
			s.Stations = append(s.Stations, station.Code)
		}
	}
	return s
}

// sceneIn finds the largest unused neighbourhood of the seat town where two stations are near enough.
func (a *assembly) sceneIn(code string, used map[*community]bool, d dice) (*community, []plane.Face) {
	var candidates []*community
	for _, b := range a.source.banners {
		for _, c := range b.communities {
			if b.code == code && c.kind == neighbourhood && c.township.inSeatTown() && !used[c] {
				candidates = append(candidates, c)
			}
		}
	}
	slices.SortStableFunc(candidates, func(c, e *community) int { return cmp.Compare(e.households, c.households) })
	for _, c := range candidates {
		if path := a.pathBetweenStations(c); path != nil {
			return c, a.widen(path, c, max(len(path), sceneLeast+2+d.pick("size", sceneMost-sceneLeast-1)))
		}
	}
	return nil, nil
}

// pathBetweenStations is the shortest row of adjacent blocks of a community from one with a station to another,
// or nil if it is too long or there are not two.
func (a *assembly) pathBetweenStations(c *community) []plane.Face {
	stationed := map[string]bool{}
	for _, s := range a.city.Stations {
		stationed[s.MicroGrid] = true
	}
	var best []plane.Face
	for _, f := range a.owned[c] {
		if !stationed[a.gridOf[f].Code] {
			continue
		}
		goal := func(g plane.Face) bool { return g != f && stationed[a.gridOf[g].Code] }
		if path := a.walk(f, c, goal); path != nil && (best == nil || len(path) < len(best)) {
			best = path
		}
	}
	if len(best) > sceneMost {
		return nil
	}
	return best
}

// walk is the shortest row of adjacent blocks from one to the first that is a goal.
func (a *assembly) walk(from plane.Face, c *community, goal func(plane.Face) bool) []plane.Face {
	before := map[plane.Face]plane.Face{from: from}
	for queue := []plane.Face{from}; len(queue) > 0; queue = queue[1:] {
		f := queue[0]
		if goal(f) {
			path := []plane.Face{f}
			for ; f != from; f = before[f] {
				path = append(path, before[f])
			}
			return path
		}
		for _, g := range a.neighbours(f, c) {
			if _, seen := before[g]; !seen {
				before[g] = f
				queue = append(queue, g)
			}
		}
	}
	return nil
}

// neighbours lists the core blocks of the community that share an edge with f, in the order around it.
func (a *assembly) neighbours(f plane.Face, c *community) []plane.Face {
	var found []plane.Face
	for _, e := range a.m.Around(f) {
		g := a.m.Left(e.Twin())
		if a.grids.owner[g] == c && a.grids.core[g] && !slices.Contains(found, g) {
			found = append(found, g)
		}
	}
	return found
}

// widen adds blocks until there are enough, at each step the one with most neighbours in the set.
func (a *assembly) widen(blocks []plane.Face, c *community, size int) []plane.Face {
	blocks = slices.Clone(blocks)
	for len(blocks) < size {
		var best plane.Face = -1
		most := 0
		for _, f := range blocks {
			for _, g := range a.neighbours(f, c) {
				touching := 0
				for _, h := range a.neighbours(g, c) {
					if slices.Contains(blocks, h) {
						touching++
					}
				}
				if touching > most && !slices.Contains(blocks, g) {
					best, most = g, touching
				}
			}
		}
		if best < 0 {
			return blocks
		}
		blocks = append(blocks, best)
	}
	return blocks
}
