package mesh

import (
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/tiles/world"
)

// Line projects a line that shares nothing with others and says from which zoom each vertex counts. Its
// ends always do. Nil if nothing is left of it.
func Line(line orb.LineString) []Vertex {
	m := &Mesh{}
	for _, p := range line {
		at := world.Project(p)
		if n := len(m.points); n == 0 || m.points[n-1] != at {
			m.points = append(m.points, at)
		}
	}
	if len(m.points) < 2 {
		return nil
	}
	m.zooms = make([]uint8, len(m.points))
	m.arcOf = make([]int32, len(m.points)) // all on arc 0
	ids := make([]int32, len(m.points))
	for i := range ids {
		ids[i] = int32(i)
	}
	m.arcs = []arc{{vertices: ids}}
	s := simplifier{mesh: m, index: newPointIndex(m.points)}
	s.run(0)
	return m.vertices(ids)
}

func (m *Mesh) vertices(ids []int32) []Vertex {
	out := make([]Vertex, len(ids))
	for i, id := range ids {
		out[i] = Vertex{m.points[id], m.zooms[id]}
	}
	return out
}

// Lines gives the arcs of one rank, each once, joined to long lines where no third arc of the rank meets
// them. Their vertices are those of the shapes along them.
func (m *Mesh) Lines(rank uint8) [][]Vertex {
	j := joiner{mesh: m, at: map[int32][]int32{}, used: make([]bool, len(m.arcs))}
	for i, a := range m.arcs {
		if a.rank == rank {
			from, to := a.vertices[0], a.vertices[len(a.vertices)-1]
			j.at[from] = append(j.at[from], int32(i))
			j.at[to] = append(j.at[to], int32(i))
		}
	}
	var lines [][]Vertex
	take := func(onlyEnds bool) {
		for i, a := range m.arcs {
			if a.rank != rank || j.used[i] {
				continue
			}
			for _, end := range []int32{a.vertices[0], a.vertices[len(a.vertices)-1]} {
				if !j.used[i] && (!onlyEnds || len(j.at[end]) != 2) {
					lines = append(lines, m.vertices(j.from(end, int32(i))))
				}
			}
		}
	}
	take(true)  // lines that end somewhere
	take(false) // then those that go round
	return lines
}

type joiner struct {
	mesh *Mesh
	at   map[int32][]int32 // the arcs that end at a vertex; a loop counts twice
	used []bool
}

// from follows the arcs from a vertex as long as there is one way on.
func (j *joiner) from(start, number int32) []int32 {
	line := []int32{start}
	for at := start; ; {
		j.used[number] = true
		vertices := j.mesh.arcs[number].vertices
		last := len(vertices) - 1
		if vertices[0] == at {
			line = append(line, vertices[1:]...)
			at = vertices[last]
		} else {
			for i := last - 1; i >= 0; i-- {
				line = append(line, vertices[i])
			}
			at = vertices[0]
		}
		next := j.at[at]
		if len(next) != 2 {
			return line
		}
		if number = next[0]; j.used[number] {
			number = next[1]
		}
		if j.used[number] {
			return line
		}
	}
}
