package instance

import (
	"io"

	"github.com/yizhan/yizhan/geo/siting"
)

// Graph is an undirected graph whose nodes are points of demand 1 and candidates.
type Graph struct {
	Nodes, P int
	Edges    []siting.Edge
}

const maxLength = 1_000_000_000

// ReadPMed reads a p-median graph of the OR-Library: "n m p", then "i j cost" a line, nodes from 1. Of two
// lines for the same edge the last counts, as the library says.
func ReadPMed(r io.Reader) (*Graph, error) {
	s := newScanner(r)
	head, err := s.want("n", "m", "p")
	if err != nil {
		return nil, err
	}
	n, err := s.integer("the number of nodes", head[0], 1, MaxNodes)
	if err != nil {
		return nil, err
	}
	m, err := s.integer("the number of edges", head[1], 0, maxEdges)
	if err != nil {
		return nil, err
	}
	p, err := s.integer("p", head[2], 0, n)
	if err != nil {
		return nil, err
	}
	edges := map[[2]int32]int64{}
	for range m {
		if err := readEdge(s, n, edges); err != nil {
			return nil, err
		}
	}
	g := &Graph{Nodes: int(n), P: int(p), Edges: sorted(edges)}
	return g, s.end()
}

func readEdge(s *scanner, n int64, edges map[[2]int32]int64) error {
	fields, err := s.want("i", "j", "cost")
	if err != nil {
		return err
	}
	i, err := s.integer("node", fields[0], 1, n)
	if err != nil {
		return err
	}
	j, err := s.integer("node", fields[1], 1, n)
	if err != nil {
		return err
	}
	length, err := s.integer("cost", fields[2], 0, maxLength)
	edges[[2]int32{int32(min(i, j)) - 1, int32(max(i, j)) - 1}] = length
	return err
}
