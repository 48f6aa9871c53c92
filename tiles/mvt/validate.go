package mvt

import (
	"fmt"
	"slices"

	"github.com/yizhan/yizhan/tiles/cut"
)

// Problem is a breach of the specification, or something legal that a writer should not do.
type Problem struct {
	Layer   string
	Feature int // in the order of the layer; -1 for the layer or tile itself
	Why     string
	Legal   bool // readers must cope with it: a layer of version 1, say
}

// Legal tells whether a tile breaks no rule, though it may not be as it should.
func Legal(problems []Problem) bool {
	return !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Legal })
}

func (p Problem) String() string {
	if p.Feature < 0 {
		return fmt.Sprintf("layer %q: %s", p.Layer, p.Why)
	}
	return fmt.Sprintf("layer %q: feature %d: %s", p.Layer, p.Feature, p.Why)
}

// maxCoordinate bounds what the geometry checks calculate with, so that no product overflows.
const maxCoordinate = 1 << 28

// Validate finds what in a tile breaks the specification, MUST and SHOULD NOT alike; see Problem.Legal.
func Validate(data []byte) []Problem {
	_, problems := Inspect(data)
	return problems
}

// Inspect is Validate that also gives what it read; the tile is whole if there is no problem.
func Inspect(data []byte) (*Tile, []Problem) {
	tile, err := decodeRaw(data)
	if err != nil {
		return nil, []Problem{{Feature: -1, Why: err.Error()}}
	}
	v := validator{}
	names := map[string]bool{}
	for i := range tile.Layers {
		layer := &tile.Layers[i]
		if names[layer.Name] {
			v.add(layer, -1, "has the name of another layer")
		}
		names[layer.Name] = true
		v.layer(layer)
	}
	return tile, v.problems
}

type validator struct{ problems []Problem }

func (v *validator) add(l *TileLayer, feature int, format string, args ...any) {
	v.problems = append(v.problems, Problem{Layer: l.Name, Feature: feature, Why: fmt.Sprintf(format, args...)})
}

// advise notes something legal.
func (v *validator) advise(l *TileLayer, feature int, format string, args ...any) {
	v.add(l, feature, format, args...)
	v.problems[len(v.problems)-1].Legal = true
}

func (v *validator) layer(l *TileLayer) {
	switch {
	case !l.hasName || l.Name == "":
		v.add(l, -1, "has no name")
	case !l.hasVersion:
		v.add(l, -1, "has no version")
	}
	switch l.Version {
	case 2:
	case 1:
		v.advise(l, -1, "has version 1 instead of 2")
	default:
		v.add(l, -1, "has version %d instead of 2", l.Version)
	}
	if l.Extent == 0 || l.Extent > maxCoordinate {
		v.add(l, -1, "has extent %d", l.Extent)
	}
	if len(l.Features) == 0 {
		v.advise(l, -1, "has no feature")
	}
	v.unique(l)
	ids := map[uint64]bool{}
	for i := range l.Features {
		f := &l.Features[i]
		if f.HasID && ids[f.ID] {
			v.add(l, i, "has the id %d of another", f.ID)
		}
		ids[f.ID] = f.HasID
		v.feature(l, i, f)
	}
}

func (v *validator) unique(l *TileLayer) {
	keys, values := map[string]bool{}, map[Value]bool{}
	for _, key := range l.keys {
		if keys[key] {
			v.add(l, -1, "has key %q twice", key)
		}
		keys[key] = true
	}
	for _, value := range l.values {
		if values[value] {
			v.add(l, -1, "has value %s twice", value)
		}
		values[value] = true
	}
}

func (v *validator) feature(l *TileLayer, i int, f *Feature) {
	if err := l.resolve(f); err != nil {
		v.add(l, i, "%s", err)
		return
	}
	seen := map[string]bool{}
	for _, p := range f.Properties {
		if seen[p.Key] {
			v.add(l, i, "has property %q twice", p.Key)
		}
		seen[p.Key] = true
	}
	switch {
	case !f.hasKind:
		v.add(l, i, "has no type")
	case f.Kind == Unknown:
		v.advise(l, i, "has geometry of unknown type")
	case f.beyond:
		v.advise(l, i, "has a coordinate of more than 32 bits")
	case f.Kind == Polygon:
		v.polygons(l, i, f.Paths)
	}
}

func (v *validator) polygons(l *TileLayer, i int, rings [][]cut.Point) {
	for _, ring := range rings {
		for _, p := range ring {
			if max(p.X, -p.X, p.Y, -p.Y) > maxCoordinate {
				v.add(l, i, "has a coordinate too far out to judge")
				return
			}
		}
	}
	if !v.winding(l, i, rings) {
		return
	}
	if where, ok := simple(rings); !ok {
		v.add(l, i, "crosses or overlaps itself at %d,%d", where.X, where.Y)
		return
	}
	v.holes(l, i, rings)
}

func (v *validator) winding(l *TileLayer, i int, rings [][]cut.Point) bool {
	for j, ring := range rings {
		area := cut.Area2(ring)
		switch {
		case area == 0:
			v.add(l, i, "ring %d has no area", j)
			return false
		case j == 0 && area < 0:
			v.add(l, i, "the first ring is wound as a hole")
			return false
		}
	}
	return true
}

// holes checks that each hole lies in the exterior before it.
func (v *validator) holes(l *TileLayer, i int, rings [][]cut.Point) {
	var exterior []cut.Point
	for j, ring := range rings {
		if cut.Area2(ring) > 0 {
			exterior = ring
		} else if !cut.Surrounds(exterior, ring) {
			v.add(l, i, "ring %d is a hole outside of its exterior", j)
		}
	}
}
