package tiles_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// lattice makes cities to test with: a sheet of cells with crooked borders whose vertices neighbours share,
// cut into banners, townships, communities and micro-grids.
type lattice struct {
	banners, townships, communities, grids int // along each side of what is above
	width                                  float64
	wiggles                                int // vertices along a border
	nodes                                  map[[2]int]orb.Point
	edges                                  map[[4]int][]orb.Point
	random                                 *rand.Rand
}

const latticeWest, latticeSouth = 119.0, 48.5

// testCity has 4 banners, 16 townships, 64 communities and 1,024 micro-grids about 1.4 km wide.
func testCity() *yizhan.City { return newLattice(2, 2, 2, 4, 0.6, 3).city() }

func newLattice(banners, townships, communities, grids int, width float64, wiggles int) *lattice {
	return &lattice{banners, townships, communities, grids, width, wiggles,
		map[[2]int]orb.Point{}, map[[4]int][]orb.Point{}, rand.New(rand.NewPCG(1, 2))}
}

func (l *lattice) side() int { return l.banners * l.townships * l.communities * l.grids }

func (l *lattice) node(x, y int) orb.Point {
	key := [2]int{x, y}
	if p, ok := l.nodes[key]; ok {
		return p
	}
	cell := l.width / float64(l.side())
	p := yizhan.SnapPoint(orb.Point{
		latticeWest + cell*(float64(x)+0.3*(l.random.Float64()-0.5)),
		latticeSouth + 0.65*cell*(float64(y)+0.3*(l.random.Float64()-0.5)),
	})
	l.nodes[key] = p
	return p
}

// edge gives the vertices after (x1, y1) up to (x2, y2), a neighbouring node.
func (l *lattice) edge(x1, y1, x2, y2 int) []orb.Point {
	key := [4]int{x1, y1, x2, y2}
	if points, ok := l.edges[key]; ok {
		return points
	}
	a, b := l.node(x1, y1), l.node(x2, y2)
	cell := l.width / float64(l.side())
	var inner []orb.Point
	for i := 1; i <= l.wiggles; i++ {
		share := float64(i) / float64(l.wiggles+1)
		off := 0.1 * cell * (l.random.Float64() - 0.5)
		along := orb.Point{a[0] + (b[0]-a[0])*share, a[1] + (b[1]-a[1])*share}
		if x1 == x2 {
			along[0] += off
		} else {
			along[1] += 0.65 * off
		}
		inner = append(inner, yizhan.SnapPoint(along))
	}
	there := append(append([]orb.Point{}, inner...), b)
	var back []orb.Point
	for i := len(inner) - 1; i >= 0; i-- {
		back = append(back, inner[i])
	}
	l.edges[key] = there
	l.edges[[4]int{x2, y2, x1, y1}] = append(back, a)
	return there
}

// block outlines the cells from (x, y) on, size along each side.
func (l *lattice) block(x, y, size int) orb.MultiPolygon {
	ring := orb.Ring{l.node(x, y)}
	for i := range size {
		ring = append(ring, l.edge(x+i, y, x+i+1, y)...)
	}
	for i := range size {
		ring = append(ring, l.edge(x+size, y+i, x+size, y+i+1)...)
	}
	for i := range size {
		ring = append(ring, l.edge(x+size-i, y+size, x+size-i-1, y+size)...)
	}
	for i := range size {
		ring = append(ring, l.edge(x, y+size-i, x, y+size-i-1)...)
	}
	return orb.MultiPolygon{{ring}}
}

func (l *lattice) city() *yizhan.City {
	city := &yizhan.City{Seq: 1, Units: map[string]*yizhan.Unit{}, Stations: map[string]*yizhan.Station{},
		Scenes: map[string]*yizhan.FriendlyScene{}, MicroGrids: map[string]*yizhan.MicroGrid{}}
	l.addUnit(city, "150700", "", yizhan.LevelCity, 0, 0, l.side())
	l.split(0, 0, l.side(), l.banners, func(i, x, y, size int) {
		banner := fmt.Sprintf("1507%02d", i+1)
		l.addUnit(city, banner, "150700", yizhan.LevelBanner, x, y, size)
		l.split(x, y, size, l.townships, func(i, x, y, size int) {
			township := fmt.Sprintf("%s%03d", banner, i+1)
			l.addUnit(city, township, banner, yizhan.LevelTownship, x, y, size)
			l.split(x, y, size, l.communities, func(i, x, y, size int) {
				l.addCommunity(city, fmt.Sprintf("%s%03d", township, i+1), township, x, y, size)
			})
		})
	})
	first := "150701001001"
	city.Scenes["SCENE-1"] = &yizhan.FriendlyScene{Code: "SCENE-1", Name: "友好商圈", Kind: yizhan.SceneShopping,
		MicroGrids: []string{first + "001", first + "002", first + "005", first + "006"}, Version: 1}
	return city
}

func (l *lattice) addCommunity(city *yizhan.City, code, township string, x, y, size int) {
	l.addUnit(city, code, township, yizhan.LevelCommunity, x, y, size)
	l.split(x, y, size, l.grids, func(i, x, y, size int) {
		grid := &yizhan.MicroGrid{Code: fmt.Sprintf("%s%03d", code, i+1), Community: code, Name: "网格", Households: 20 + i,
			Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: l.block(x, y, size), Version: 1}
		city.MicroGrids[grid.Code] = grid
	})
	l.addStation(city, "ST-"+code, code, x, y)
}

func (l *lattice) addStation(city *yizhan.City, code, community string, x, y int) {
	at := l.node(x, y)
	cell := l.width / float64(l.side())
	city.Stations[code] = &yizhan.Station{Code: code, Name: "驿站", Kind: yizhan.KindUnion, Sponsor: yizhan.SponsorUnion,
		Location: orb.Point{at[0] + 0.4*cell, at[1] + 0.26*cell}, Status: yizhan.StationActive, Community: community,
		Hours: yizhan.MustHours("24/7"), Version: 1}
}

func (l *lattice) addUnit(city *yizhan.City, code, parent string, level yizhan.Level, x, y, size int) {
	city.Units[code] = &yizhan.Unit{Code: code, Parent: parent, Level: level, Name: "单元" + code, Type: "x",
		Boundary: l.block(x, y, size), Version: 1}
}

func (l *lattice) split(x, y, size, parts int, do func(i, x, y, size int)) {
	part := size / parts
	for i := range parts * parts {
		do(i, x+i%parts*part, y+i/parts*part, part)
	}
}

func TestLatticeIsAPartition(t *testing.T) {
	city := testCity()
	if len(city.MicroGrids) != 1024 || len(city.Units) != 1+4+16+64 {
		t.Fatalf("have %d micro-grids and %d units", len(city.MicroGrids), len(city.Units))
	}
	var sum float64
	for _, grid := range city.MicroGrids {
		sum += ringArea(grid.Boundary[0][0])
	}
	if whole := ringArea(city.Units["150700"].Boundary[0][0]); math.Abs(sum-whole) > 1e-9*whole {
		t.Errorf("micro-grids cover %v of %v", sum, whole)
	}
}

func ringArea(ring orb.Ring) float64 {
	var sum float64
	for i := 1; i < len(ring); i++ {
		sum += (ring[i-1][0]-latticeWest)*(ring[i][1]-latticeSouth) - (ring[i][0]-latticeWest)*(ring[i-1][1]-latticeSouth)
	}
	return sum / 2
}
