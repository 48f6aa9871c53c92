package partition

import (
	"fmt"

	"github.com/yizhan/yizhan/geo/plane"
)

// Merge makes parts into one, which keeps the first code. Each must share an edge with what they make together.
func (p *Map) Merge(keep string, others ...string) error {
	kept, err := p.index(keep)
	if err != nil {
		return err
	}
	left := map[int32]string{}
	for _, code := range others {
		i, err := p.index(code)
		if err != nil {
			return err
		}
		if i == kept || left[i] != "" {
			return &Error{Message: fmt.Sprintf("%s is named twice", code)}
		}
		left[i] = code
	}
	for len(left) > 0 {
		next := p.neighbour(kept, left)
		if next == outside {
			for _, code := range left {
				return &Error{Message: fmt.Sprintf("%s does not share a border with the others", code)}
			}
		}
		delete(left, next)
		for _, f := range p.cycles(next) {
			p.label[f] = kept
		}
	}
	return nil
}

// neighbour finds one of some parts that shares an edge with a part.
func (p *Map) neighbour(part int32, among map[int32]string) int32 {
	for e := plane.Edge(0); int(e) < p.m.Edges(); e++ {
		if p.label[p.m.Left(e)] != part {
			continue
		}
		if other := p.label[p.m.Left(e.Twin())]; among[other] != "" {
			return other
		}
	}
	return outside
}
