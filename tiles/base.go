package tiles

import (
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/basemap"
	"github.com/yizhan/yizhan/tiles/mesh"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/world"
)

// baseLayer is what base tiles are made of: Natural Earth, and the city as land.
type baseLayer struct {
	static *staticBase
	land   []*area
	lines  map[string]*pathIndex // country and province lines, less what the city's outline stands for
}

// staticBase is the part that does not depend on the city.
type staticBase struct {
	source *basemap.Map
	lines  map[string]*pathIndex
	areas  map[string]*collection[*area]
	places *collection[*spot]
	bounds world.Rect
}

// frontierMeters is how near to the city's outline a border of Natural Earth is taken to be the same one:
// it is up to 2.3 km away from it in nine of ten places.
const frontierMeters = 5000

func loadBase() (*staticBase, error) { return loadBaseWith(func(*basemap.Map) {}) }

// loadBaseWith loads the base map, which is another one each time, and has it changed first.
func loadBaseWith(change func(*basemap.Map)) (*staticBase, error) {
	source, err := basemap.Load()
	if err != nil {
		return nil, fmt.Errorf("base map: %w", err)
	}
	change(source)
	b := &staticBase{source: source, lines: map[string]*pathIndex{}, areas: map[string]*collection[*area]{}, bounds: world.EmptyRect()}
	b.addLines("roads", source.Roads, func(l basemap.Line) []mvt.Property {
		return []mvt.Property{{Key: "class", Value: mvt.String(l.Class)}}
	})
	b.addLines("railways", source.Railways, func(basemap.Line) []mvt.Property { return nil })
	b.addLines("rivers", source.Rivers, func(l basemap.Line) []mvt.Property { return nameProperties(l.Name, l.NameEn) })
	b.addAreas("lakes", source.Lakes)
	b.addAreas("urban_areas", source.UrbanAreas)
	places := map[string]*spot{}
	for i, place := range source.Places {
		places[strconv.Itoa(i)] = &spot{id: uint64(i + 1), at: world.Project(place.At), minZoom: placeZoom(place.Rank), maxZoom: world.MaxZoom,
			properties: append(nameProperties(place.Name, place.NameEn), mvt.Property{Key: "rank", Value: mvt.Int(place.Rank)})}
	}
	b.places = newCollection(places)
	return b, nil
}

// placeZoom keeps small towns out of small maps.
func placeZoom(rank int) uint32 { return uint32(max(0, min(6, rank-2))) }

func nameProperties(name, nameEn string) []mvt.Property {
	if name == "" {
		return nil
	}
	return []mvt.Property{{Key: "name", Value: mvt.String(name)}, {Key: "name_en", Value: mvt.String(nameEn)}}
}

func (b *staticBase) addLines(layer string, lines []basemap.Line, properties func(basemap.Line) []mvt.Property) {
	b.lines[layer] = &pathIndex{}
	for i, line := range lines {
		if vertices := mesh.Line(line.Points); vertices != nil {
			p := newPath(uint64(i+1), vertices, properties(line)...)
			b.lines[layer].add(p)
			b.bounds = b.bounds.Union(p.box)
		}
	}
}

func (b *staticBase) addAreas(layer string, areas []basemap.Area) {
	shapes := make([]mesh.Shape, len(areas))
	for i, a := range areas {
		shapes[i] = mesh.Project(a.Polygon)
	}
	byNumber := map[string]*area{}
	for i, shape := range mesh.Build(shapes, nil).Shapes() {
		byNumber[strconv.Itoa(i)] = &area{id: uint64(i + 1), shape: shape, properties: nameProperties(areas[i].Name, areas[i].NameEn)}
	}
	b.areas[layer] = newCollection(byNumber)
}

// newBaseLayer fits the base map to the city.
func newBaseLayer(static *staticBase, land []mesh.Shape) *baseLayer {
	b := &baseLayer{static: static, lines: map[string]*pathIndex{}}
	for i, shape := range land {
		b.land = append(b.land, &area{id: uint64(i + 1), shape: shape})
	}
	near := newNearness(land, frontierMeters)
	for layer, lines := range map[string][]basemap.Line{
		"country_lines": static.source.CountryLines, "province_lines": static.source.ProvinceLines,
	} {
		b.lines[layer] = &pathIndex{}
		for _, line := range lines {
			for _, piece := range near.away(line.Points) {
				if vertices := mesh.Line(piece); vertices != nil {
					b.lines[layer].add(newPath(uint64(len(b.lines[layer].paths)+1), vertices))
				}
			}
		}
	}
	return b
}

// after is the layer for another outline of the city; the same one if nothing looks different.
func (b *baseLayer) after(land []mesh.Shape) *baseLayer {
	same := len(land) == len(b.land)
	for i := range land {
		same = same && land[i].Equal(b.land[i].shape)
	}
	if same {
		return b
	}
	return newBaseLayer(b.static, land)
}

func (b *baseLayer) draw(d *drawing) {
	d.areas("land", b.land)
	for _, layer := range []string{"urban_areas", "lakes"} {
		d.areas(layer, b.static.areas[layer].near(d))
	}
	d.cutter.Reset(d.tile) // lines here share no vertex with the polygons
	for _, layer := range []string{"rivers", "railways", "roads"} {
		d.paths(layer, b.static.lines[layer].near(d))
	}
	for _, layer := range []string{"province_lines", "country_lines"} {
		d.paths(layer, b.lines[layer].near(d))
	}
	d.spots("places", b.static.places.near(d))
}

// nearness tells what is near an outline. It keeps points along the outline in square cells.
type nearness struct {
	reach  float64 // metres
	points map[[2]int64][]world.Point
}

// nearnessCell is a cell's width in units: about 6 km at 50° north, and more than frontierMeters up to 60°.
const nearnessCell = 1 << 20

func newNearness(outline []mesh.Shape, reachMeters float64) *nearness {
	n := &nearness{reach: reachMeters, points: map[[2]int64][]world.Point{}}
	for _, shape := range outline {
		for _, ring := range shape.Rings {
			before := ring[len(ring)-1].Point
			for _, v := range ring {
				n.addEdge(before, v.Point)
				before = v.Point
			}
		}
	}
	return n
}

// addEdge adds points along an edge, close enough together that none of the outline is missed.
func (n *nearness) addEdge(a, b world.Point) {
	const gap = nearnessCell / 32
	dX, dY := float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y)
	parts := math.Ceil(math.Hypot(dX, dY) / gap)
	for i := 1.0; i <= parts; i++ {
		p := world.Point{X: uint32(float64(a.X) + dX*i/parts), Y: uint32(float64(a.Y) + dY*i/parts)}
		cell := cellOf(p)
		n.points[cell] = append(n.points[cell], p)
	}
}

func cellOf(p world.Point) [2]int64 {
	return [2]int64{int64(p.X) / nearnessCell, int64(p.Y) / nearnessCell}
}

func (n *nearness) near(p world.Point) bool {
	reach := n.reach / world.MetersPerUnit(float64(p.Y))
	cell := cellOf(p)
	span := int64(math.Ceil(reach / nearnessCell))
	for x := cell[0] - span; x <= cell[0]+span; x++ {
		for y := cell[1] - span; y <= cell[1]+span; y++ {
			for _, q := range n.points[[2]int64{x, y}] {
				if math.Hypot(float64(q.X)-float64(p.X), float64(q.Y)-float64(p.Y)) <= reach {
					return true
				}
			}
		}
	}
	return false
}

// away gives the pieces of a line that are not near, to within about 300 m along the line.
func (n *nearness) away(line orb.LineString) []orb.LineString {
	const stepDegrees = 0.003
	var pieces []orb.LineString
	var piece orb.LineString
	finish := func() {
		if len(piece) > 1 {
			pieces = append(pieces, piece)
		}
		piece = nil
	}
	for i, p := range line {
		steps := 1.0
		if i > 0 {
			steps = max(1, math.Ceil(math.Hypot(p[0]-line[i-1][0], p[1]-line[i-1][1])/stepDegrees))
		}
		for step := 1.0; step <= steps; step++ {
			at := p
			if step < steps {
				share := step / steps
				at = orb.Point{line[i-1][0] + (p[0]-line[i-1][0])*share, line[i-1][1] + (p[1]-line[i-1][1])*share}
			}
			if n.near(world.Project(at)) {
				finish()
			} else {
				piece = append(piece, at)
			}
		}
	}
	finish()
	return pieces
}
