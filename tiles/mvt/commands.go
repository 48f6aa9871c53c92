package mvt

import (
	"fmt"
	"math"

	"github.com/yizhan/yizhan/tiles/cut"
)

// pen follows drawing commands.
type pen struct {
	rest   []uint32
	cursor cut.Point
	paths  [][]cut.Point
}

// followCommands gives the paths of a geometry, whose commands must be as section 4.3.4 has them.
func followCommands(kind Kind, geometry []uint32) ([][]cut.Point, error) {
	p := &pen{rest: geometry}
	var err error
	switch {
	case kind == Unknown:
		return nil, nil // a reader may skip it; Validate says so
	case len(geometry) == 0:
		return nil, fmt.Errorf("has no geometry")
	case kind == Points:
		err = p.points()
	default:
		for err == nil && len(p.rest) > 0 {
			err = p.path(kind)
		}
	}
	return p.paths, err
}

func (p *pen) points() error {
	count, err := p.command(moveTo)
	if err != nil {
		return err
	}
	for range count {
		if err := p.step(); err != nil {
			return err
		}
		p.paths = append(p.paths, []cut.Point{p.cursor})
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
	if err := p.step(); err != nil {
		return err
	}
	path := []cut.Point{p.cursor}
	if count, err = p.command(lineTo); err != nil {
		return err
	}
	if kind == Polygon && count < 2 {
		return fmt.Errorf("a ring has %d LineTo; 2 are needed", count)
	}
	for range count {
		before := p.cursor
		if err := p.step(); err != nil {
			return err
		}
		if p.cursor == before {
			return fmt.Errorf("LineTo of no length at %d,%d", before.X, before.Y)
		}
		path = append(path, p.cursor)
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

func (p *pen) step() error {
	x := int64(p.cursor.X) + unzigzag(p.rest[0])
	y := int64(p.cursor.Y) + unzigzag(p.rest[1])
	p.rest = p.rest[2:]
	if min(x, y) < math.MinInt32 || max(x, y) > math.MaxInt32 {
		return fmt.Errorf("coordinate is more than 32 bits")
	}
	p.cursor = cut.Point{X: int32(x), Y: int32(y)}
	return nil
}

func unzigzag(n uint32) int64 { return int64(int32(n>>1) ^ -int32(n&1)) }
