package views_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// size says how large a synthetic city is. Each community is a town of blocks×blocks micro-grids of
// about 115 m, one in four of them with a steppe around it that takes the rest of its share of the land.
type size struct{ banners, townships, communities, blocks int }

var (
	tiny = size{2, 2, 3, 3}
	// whole has 14 banners, 1,176 communities and 42,630 micro-grids: a little more than Hulunbuir.
	whole = size{14, 12, 7, 6}
)

const cityCode = "150700"

// syntheticCity makes a city of a size with a station in the middle of most communities.
func syntheticCity(z size) *yizhan.City {
	rng := rand.New(rand.NewPCG(11, 1))
	city := &yizhan.City{
		Seq: 1, Units: map[string]*yizhan.Unit{}, MicroGrids: map[string]*yizhan.MicroGrid{},
		Stations: map[string]*yizhan.Station{}, Scenes: map[string]*yizhan.FriendlyScene{},
	}
	addUnit := func(level yizhan.Level, code, parent string) {
		city.Units[code] = &yizhan.Unit{Code: code, Level: level, Parent: parent, Name: code, Version: 1}
	}
	addUnit(yizhan.LevelCity, cityCode, "")
	for b := range z.banners {
		banner := fmt.Sprintf("1507%02d", b+2)
		addUnit(yizhan.LevelBanner, banner, cityCode)
		for t := range z.townships {
			township := fmt.Sprintf("%s%03d", banner, t+1)
			addUnit(yizhan.LevelTownship, township, banner)
			seat := orb.Point{116 + 9*rng.Float64(), 47.5 + 4.5*rng.Float64()}
			for c := range z.communities {
				community := fmt.Sprintf("%s%03d", township, c+1)
				addUnit(yizhan.LevelCommunity, community, township)
				settle(city, rng, community, orb.Point{seat[0] + 0.02*float64(c), seat[1]}, z.blocks, c%4 == 3)
			}
		}
	}
	return city
}

func settle(city *yizhan.City, rng *rand.Rand, community string, at orb.Point, blocks int, steppe bool) {
	const north = 115.0 / 111_200
	east := north / math.Cos(at[1]*math.Pi/180)
	corner := func(i, j int) orb.Point {
		return yizhan.SnapPoint(orb.Point{at[0] + float64(i)*east, at[1] + float64(j)*north})
	}
	for n := range blocks * blocks {
		i, j := n%blocks, n/blocks
		addGrid(city, community, 5+rng.IntN(50), orb.Polygon{{corner(i, j), corner(i+1, j), corner(i+1, j+1), corner(i, j+1), corner(i, j)}})
	}
	if steppe {
		side := 60 + rng.IntN(400) // blocks, that is, up to 53 km
		outer := orb.Ring{corner(-side, -side), corner(side, -side), corner(side, side), corner(-side, side), corner(-side, -side)}
		hole := orb.Ring{corner(0, 0), corner(0, blocks), corner(blocks, blocks), corner(blocks, 0), corner(0, 0)}
		addGrid(city, community, 5+rng.IntN(30), orb.Polygon{outer, hole})
	}
	if rng.IntN(3) > 0 {
		addStation(city, rng, community, corner(blocks/2, blocks/2))
	}
}

func addGrid(city *yizhan.City, community string, households int, boundary orb.Polygon) {
	code := community
	for serial := 1; ; serial++ {
		if code = fmt.Sprintf("%s%03d", community, serial); city.MicroGrids[code] == nil {
			break
		}
	}
	city.MicroGrids[code] = &yizhan.MicroGrid{
		Code: code, Community: community, Name: code, Households: households, Zone: yizhan.ZoneCore,
		Status: yizhan.GridPublished, Boundary: orb.MultiPolygon{boundary}, Version: 1,
	}
}

func addStation(city *yizhan.City, rng *rand.Rand, community string, at orb.Point) {
	s := station("ST-"+community, at, "24/7", yizhan.Services()[:1+rng.IntN(11)]...)
	s.Community = community
	if rng.IntN(10) == 0 {
		s.Status = yizhan.StationSuspended
	}
	city.Stations[s.Code] = s
}
