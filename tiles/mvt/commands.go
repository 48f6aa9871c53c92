package mvt

import (
	"fmt"
	"math"

	"github.com/yizhan/yizhan/tiles/cut"
)

// pen follows drawing commands.
type pen struct {
	rest   []uint32
	x, y   int64 // 2³² steps of 32 bits fit
	beyond bool
	paths  [][]cut.Point
}

// followCommands gives the paths of a geometry, whose commands must be as section 4.3.4 has them, and
// whether a coordinate was beyond 32 bits.
func followCommands(kind Kind, geometry []uint32) (paths [][]cut.Point, beyond bool, err error) {
	p := &pen{rest: geometry}
	switch {
	case len(geometry) == 0:
		return nil, false, fmt.Errorf("has no geometry")
	case kind == Unknown:
		return nil, false, nil // a reader may skip it; Validate says so
	case kind == Points:
		err = p.points()
	default:
		for err == nil && len(p.rest) > 0 {
			err = p.path(kind)
		}
	}
	return p.paths, p.beyond, err
}

func (p *pen) points() error {
	count, err := p.command(moveTo)
	if err != nil {
		return err
	}
	for range count {
		p.paths = append(p.paths, []cut.Point{p.step()})
	}
	if len(p.rest) > 0 {
		return fmt.Errorf("points have more than one command")
	}
	return nil
}

func (p *pen) path(kind Kind) error {
	count, err := p.command(moveTo)
	if err != nil {
		return err
	}
	if count != 1 {
		return fmt.Errorf("MoveTo of a %s has count %d instead of 1", kind, count)
	}
	path := []cut.Point{p.step()}
	if count, err = p.command(lineTo); err != nil {
		return err
	}
	if kind == Polygon && count < 2 {
		return fmt.Errorf("a ring has %d LineTo; 2 are needed", count)
	}
	for range count {
		x, y := p.x, p.y
		path = append(path, p.step())
		if p.x == x && p.y == y {
			return fmt.Errorf("LineTo of no length at %d,%d", x, y)
		}
	}
	p.paths = append(p.paths, path)
	if kind != Polygon {
		return nil
	}
	if count, err = p.command(closePath); err == nil && count != 1 {
		err = fmt.Errorf("ClosePath has count %d instead of 1", count)
	}
	return err
}

// command reads a command that must be the given one, with at least one repeat and all its parameters.
func (p *pen) command(want uint32) (count int, err error) {
	if len(p.rest) == 0 {
		return 0, fmt.Errorf("geometry %w", errTruncated)
	}
	id, n := p.rest[0]&7, p.rest[0]>>3
	p.rest = p.rest[1:]
	switch {
	case id != moveTo && id != lineTo && id != closePath:
		return 0, fmt.Errorf("command %d is not known", id)
	case id != want:
		return 0, fmt.Errorf("command %d stands where %d must", id, want)
	case n == 0:
		return 0, fmt.Errorf("command %d has count 0", id)
	case id != closePath && uint64(n)*2 > uint64(len(p.rest)):
		return 0, fmt.Errorf("command %d: geometry %w", id, errTruncated)
	}
	return int(n), nil
}

// step goes on by the next two parameters.
func (p *pen) step() cut.Point {
	p.x += unzigzag(p.rest[0])
	p.y += unzigzag(p.rest[1])
	p.rest = p.rest[2:]
	x, y := max(math.MinInt32, min(math.MaxInt32, p.x)), max(math.MinInt32, min(math.MaxInt32, p.y))
	p.beyond = p.beyond || x != p.x || y != p.y
	return cut.Point{X: int32(x), Y: int32(y)}
}

func unzigzag(n uint32) int64 { return int64(int32(n>>1) ^ -int32(n&1)) }
