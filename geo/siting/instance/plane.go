package instance

import (
	"io"
	"math"
)

// Plane is an instance in a plane: points with demand, each of which is a candidate too.
type Plane struct {
	X, Y   []float64
	Demand []int64
}

// maxDemand keeps the sum over all nodes, times any distance, within 64 bits.
const maxDemand = 1_000_000_000

// ReadSJC reads an SJC file: "n 9999 p S", then "x y demand" a line.
func ReadSJC(r io.Reader) (*Plane, error) {
	s := newScanner(r)
	head, err := s.want("n", "9999", "p", "S")
	if err != nil {
		return nil, err
	}
	n, err := s.integer("the number of points", head[0], 1, MaxNodes)
	if err != nil {
		return nil, err
	}
	p := &Plane{}
	for range n {
		if err := p.read(s); err != nil {
			return nil, err
		}
	}
	return p, s.end()
}

func (p *Plane) read(s *scanner) error {
	fields, err := s.want("x", "y", "demand")
	if err != nil {
		return err
	}
	x, err := s.coordinate("x", fields[0])
	if err != nil {
		return err
	}
	y, err := s.coordinate("y", fields[1])
	if err != nil {
		return err
	}
	demand, err := s.integer("demand", fields[2], 0, maxDemand)
	p.X, p.Y, p.Demand = append(p.X, x), append(p.Y, y), append(p.Demand, demand)
	return err
}

// Reach lists, for each point, the points whose distance is at most radius.
func (p *Plane) Reach(radius float64) [][]int32 {
	reach := make([][]int32, len(p.X))
	for i := range p.X {
		for j := range p.X {
			dx, dy := p.X[i]-p.X[j], p.Y[i]-p.Y[j]
			if dx*dx+dy*dy <= radius*radius {
				reach[i] = append(reach[i], int32(j))
			}
		}
	}
	return reach
}

// Scale is the part of a unit of length that distances between points of a plane are rounded to.
const Scale = 1000

// Distances is the matrix of distances in thousandths, rounded.
func (p *Plane) Distances() [][]int64 {
	rows := make([][]int64, len(p.X))
	for i := range rows {
		rows[i] = make([]int64, len(p.X))
		for j := range rows[i] {
			rows[i][j] = int64(math.Round(math.Hypot(p.X[i]-p.X[j], p.Y[i]-p.Y[j]) * Scale))
		}
	}
	return rows
}
