package demo

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo/plane"
)

// addMicroGrids makes a micro-grid of every face.
func (a *assembly) addMicroGrids() {
	serial := map[plane.Face]int{}
	for _, b := range a.source.banners {
		for _, c := range b.communities {
			households := c.gridHouseholds()
			for i, f := range a.owned[c] {
				grid := a.microGrid(c, f, i+1, households[i])
				serial[f] = len(a.city.MicroGrids)
				a.gridOf[f] = grid
				a.city.MicroGrids = append(a.city.MicroGrids, grid)
			}
		}
	}
	shapes := a.shapes(len(a.city.MicroGrids), func(f plane.Face) int {
		if i, known := serial[f]; known {
			return i
		}
		return outsideLabel
	})
	for i, grid := range a.city.MicroGrids {
		grid.Boundary = shapes[i]
	}
}

func (a *assembly) microGrid(c *community, f plane.Face, serial, households int) *yizhan.MicroGrid {
	grid := &yizhan.MicroGrid{
		Code:       fmt.Sprintf("%s%03d", c.code, serial),
		Community:  c.code,
		Name:       fmt.Sprintf("%s%d号微网格", c.name, serial),
		Households: households,
		Zone:       yizhan.ZoneCore,
		Status:     yizhan.GridPublished,
		Synthetic:  true,
		Version:    1,
	}
	if !a.grids.core[f] {
		grid.Zone = yizhan.ZoneHinterland
		grid.Name = fmt.Sprintf("%s%d号%s网格", c.name, serial, a.landUse(c, f))
	}
	return grid
}

// landUse is what the land outside a settlement is called.
func (a *assembly) landUse(c *community, f plane.Face) string {
	const forest = 100e6 // square metres
	banner := c.township.banner
	wooded := slices.Contains([]string{"150723", "150782", "150784", "150785"}, banner.code)
	large := (&cutter{m: a.m, frame: a.frameOf(banner)}).shape(f).area > forest
	switch {
	case c.kind == gacha:
		return "牧区"
	case wooded && large:
		return "林区"
	case c.kind == village:
		return "农田"
	}
	return "城郊"
}

// addLeaders gives every micro-grid a unit leader, and a second one to those of each banner that have most
// households.
func (a *assembly) addLeaders() {
	byBanner := map[string][]*yizhan.MicroGrid{}
	for _, grid := range a.city.MicroGrids {
		byBanner[grid.Code[:6]] = append(byBanner[grid.Code[:6]], grid)
	}
	double := map[*yizhan.MicroGrid]bool{}
	for _, b := range a.source.banners {
		grids := slices.Clone(byBanner[b.code])
		slices.SortStableFunc(grids, func(g, h *yizhan.MicroGrid) int { return cmp.Compare(h.Households, g.Households) })
		for _, grid := range grids[:b.leaders-b.grids] {
			double[grid] = true
		}
	}
	for _, grid := range a.city.MicroGrids {
		if double[grid] {
			second := grid.Households / 2
			a.addLeader(grid, 1, grid.Households-second)
			a.addLeader(grid, 2, second)
			continue
		}
		a.addLeader(grid, 1, grid.Households)
	}
}

func (a *assembly) addLeader(grid *yizhan.MicroGrid, serial, households int) {
	leader := &yizhan.Leader{
		Code: fmt.Sprintf("%s%02d", grid.Code, serial), MicroGrid: grid.Code, Role: yizhan.RoleUnitLeader,
		Households: households, Selected: "elected", Synthetic: true, Version: 1,
	}
	switch p := roll("leader", leader.Code).uniform("selected"); {
	case p > 0.9:
		leader.Selected = "appointed"
	case p > 0.65:
		leader.Selected = "recommended"
	}
	a.city.Leaders = append(a.city.Leaders, leader)
}
