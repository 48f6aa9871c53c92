// Package benchcity makes cities many times as large as a given one, to measure how work grows with data.
//
// A large city is copies of the given one, laid side by side on the web mercator plane and moved by whole
// tiles of zoom 6: every copy is a partition as the original is, as dense, and its tiles from zoom 6 on
// hold what those of the original hold. So what a benchmark finds to differ between one city and a
// hundred is due to the amount of data alone. Lower zooms show all copies at once.
package benchcity

import (
	"fmt"
	"math"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// A place for a copy is two tiles of zoom 6 wide and high.
const (
	placesAround = 32
	placeDegrees = 360.0 / placesAround
)

// Place is where a copy is: so many places west and south of the original.
type Place struct{ West, South int }

// Tiles is how many tiles of a zoom, 6 at least, the copy lies west (x) and south (y) of the original.
func (p Place) Tiles(zoom uint32) (west, south uint32) {
	return uint32(p.West) << (zoom - 5), uint32(p.South) << (zoom - 5)
}

// Places gives where the copies of a city k times as large are; the first is the original.
func Places(k int) []Place {
	across := int(math.Ceil(math.Sqrt(float64(k))))
	places := make([]Place, k)
	for i := range places {
		places[i] = Place{West: i % across, South: i / across}
	}
	return places
}

// Times makes a city of k copies. It shares names and other texts with the original.
func Times(city *yizhan.City, k int) (*yizhan.City, error) {
	places := Places(k)
	if err := fits(city, places); err != nil {
		return nil, err
	}
	root, err := rootOf(city)
	if err != nil {
		return nil, err
	}
	source := listed(city)
	copies := make([]*copied, k)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, place := range places[1:] {
		group.Go(func() error {
			copies[i+1] = source.copy(mover{root: root, number: i + 1, place: place})
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	copies[0] = source
	return merge(city.Seq, copies), nil
}

// rootOf is the four digits that the codes of all units begin with.
func rootOf(city *yizhan.City) (string, error) {
	for _, unit := range city.Units {
		if unit.Level == yizhan.LevelCity {
			return unit.Code[:4], nil
		}
	}
	return "", fmt.Errorf("benchcity: there is no unit of level %s", yizhan.LevelCity)
}

// fits tells whether the city fits its place, and the places the world.
func fits(city *yizhan.City, places []Place) error {
	bound := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for _, grid := range city.MicroGrids {
		bound = bound.Union(grid.Boundary.Bound())
	}
	height := rows(bound.Max[1]) - rows(bound.Min[1])
	west, south := bound.Min[0], rows(bound.Min[1])
	for _, place := range places {
		west = min(west, bound.Min[0]-float64(place.West)*placeDegrees)
		south = min(south, rows(bound.Min[1])-float64(place.South))
	}
	switch {
	case bound.IsEmpty():
		return fmt.Errorf("benchcity: there are no micro-grids")
	case bound.Max[0]-bound.Min[0] >= placeDegrees || height >= 1:
		return fmt.Errorf("benchcity: the city is wider or higher than %g degrees", placeDegrees)
	case west < -180 || south < -placesAround/2:
		return fmt.Errorf("benchcity: the world has no room for %d copies", len(places))
	}
	return nil
}

// rows is the height of a latitude above the equator on the mercator plane, in places.
func rows(lat float64) float64 {
	return math.Asinh(math.Tan(lat*math.Pi/180)) / (2 * math.Pi) * placesAround
}

// mover turns what is of the original into what is of a copy.
type mover struct {
	root   string
	number int
	place  Place
}

// point moves a place. Equal places stay equal.
func (m mover) point(p orb.Point) orb.Point {
	lat := p[1]
	if m.place.South > 0 {
		up := (rows(lat) - float64(m.place.South)) / placesAround * 2 * math.Pi
		lat = math.Atan(math.Sinh(up)) * 180 / math.Pi
	}
	return yizhan.SnapPoint(orb.Point{p[0] - float64(m.place.West)*placeDegrees, lat})
}

func (m mover) pointer(p *orb.Point) *orb.Point {
	if p == nil {
		return nil
	}
	moved := m.point(*p)
	return &moved
}

// code is the code in the copy: under a city code of its own, or else with the number behind it.
func (m mover) code(code string) string {
	switch {
	case code == "":
		return ""
	case strings.HasPrefix(code, m.root):
		return fmt.Sprintf("%04d", firstRoot+m.number) + code[len(m.root):]
	}
	return fmt.Sprintf("%s-%d", code, m.number)
}

// firstRoot keeps clear of the codes of China's prefectures, which end at 8200.
const firstRoot = 9000
