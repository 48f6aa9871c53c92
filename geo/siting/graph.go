package siting

import "math"

// Edge joins two nodes of a graph, from 0, in both directions.
type Edge struct {
	A, B   int32
	Length int64 // not negative
}

// Far is the distance between nodes that no path joins.
const Far = math.MaxInt64

// maxDistance keeps sums of distances times demand checkable.
const maxDistance = 1 << 40

// ShortestPaths is the matrix of distances between all nodes of a graph.
func ShortestPaths(nodes int, edges []Edge) ([][]int64, error) {
	if nodes < 0 || nodes > maxMatrix {
		return nil, invalid("Nodes", "%d is not a number of nodes from 0 to %d", nodes, maxMatrix)
	}
	for i, e := range edges {
		switch {
		case uint(e.A) >= uint(nodes) || uint(e.B) >= uint(nodes):
			return nil, invalid("Edges", "edge %d joins nodes %d and %d of %d", i, e.A, e.B, nodes)
		case e.Length < 0 || e.Length > maxDistance/int64(nodes):
			return nil, invalid("Edges", "edge %d is %d long", i, e.Length)
		}
	}
	near := neighbours(nodes, edges)
	rows := make([][]int64, nodes)
	parallel(nodes, 8, func(from, to int) {
		for i := from; i < to; i++ {
			rows[i] = shortest(near, int32(i))
		}
	})
	return rows, nil
}

type arc struct {
	to     int32
	length int64
}

func neighbours(nodes int, edges []Edge) [][]arc {
	near := make([][]arc, nodes)
	for _, e := range edges {
		near[e.A] = append(near[e.A], arc{e.B, e.Length})
		near[e.B] = append(near[e.B], arc{e.A, e.Length})
	}
	return near
}

// shortest is Dijkstra's algorithm from one node.
func shortest(near [][]arc, source int32) []int64 {
	distance := make([]int64, len(near))
	for i := range distance {
		distance[i] = Far
	}
	distance[source] = 0
	queue := &queue{items: []queued{{0, source}}} // the greatest credit is the least distance
	for queue.len() > 0 {
		at := queue.items[0]
		queue.pop()
		if -at.credit > distance[at.site] {
			continue
		}
		for _, a := range near[at.site] {
			if d := a.length - at.credit; d < distance[a.to] {
				distance[a.to] = d
				queue.push(queued{-d, a.to})
			}
		}
	}
	return distance
}

// maxMatrix bounds the nodes of a matrix of distances: 10,000 take 800 MB.
const maxMatrix = 10_000
