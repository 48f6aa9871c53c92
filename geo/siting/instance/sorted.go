package instance

import (
	"cmp"
	"slices"

	"github.com/yizhan/yizhan/geo/siting"
)

// sorted lists the edges in the order of their nodes.
func sorted(edges map[[2]int32]int64) []siting.Edge {
	list := make([]siting.Edge, 0, len(edges))
	for nodes, length := range edges {
		list = append(list, siting.Edge{A: nodes[0], B: nodes[1], Length: length})
	}
	slices.SortFunc(list, func(a, b siting.Edge) int {
		return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return list
}
