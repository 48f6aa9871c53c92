package coverage

import (
	"math/bits"
	"slices"
)

// divide parts signatures and sites into blocks by decomposition (Fujishige 1980): the whole is one block if
// all of it can share alike, which a flow tells; if not, the cut parts what is more crowded from what is less,
// and each is divided further.
func (s *Served) divide() error {
	s.flows = make([]int64, len(s.sites))
	s.blockOfSig, s.blockOfSite = make([]int32, len(s.households)), make([]int32, len(s.capacity))
	owner := make([]int32, len(s.capacity))
	for site := range owner {
		owner[site], s.blockOfSite[site] = nowhere, nowhere
	}
	all := problem{sigs: make([]int32, len(s.households))}
	for sig := range all.sigs {
		all.sigs[sig] = int32(sig)
	}
	for _, site := range s.sites {
		if owner[site] == nowhere {
			owner[site] = 0
			all.sites = append(all.sites, site)
		}
	}
	slices.Sort(all.sites)
	w := newDivider(s, owner)
	w.own(&all)
	parts := w.split(all)
	blocks := make([][]shared, len(parts))
	err := parallelRuns(len(parts), 1, func() func(int) error {
		w := &divider{served: s, owner: w.owner, local: w.local, parents: w.parents} // parts have no site in common
		return func(i int) error {
			blocks[i] = w.divide(parts[i])
			return nil
		}
	})
	for _, b := range slices.Concat(blocks...) {
		s.keep(b)
	}
	return err
}

func (s *Served) keep(b shared) {
	at := int32(len(s.blocks))
	for _, sig := range b.sigs {
		s.blockOfSig[sig] = at
	}
	for _, site := range b.sites {
		s.blockOfSite[site] = at
	}
	s.blocks = append(s.blocks, b.block)
}

// problem is a part of the whole: some signatures and some sites. Of the sites of its signatures, it has those
// whose owner is its id, the first of them. Both are ascending.
type problem struct {
	id    int32
	sigs  []int32
	sites []int32
	// before is the problem that this one was cut from, in whose units the flows are that are known already.
	before block
}

// shared is a block and its members.
type shared struct {
	problem
	block
}

// divider divides problems. All of its slices have a place for each site of the whole.
type divider struct {
	served  *Served
	owner   []int32
	local   []int32 // position in its problem
	parents []int32 // of split
	flow    flow
}

func newDivider(s *Served, owner []int32) *divider {
	return &divider{served: s, owner: owner, local: make([]int32, len(owner)), parents: make([]int32, len(owner))}
}

// own makes the first of its sites the id of a problem.
func (w *divider) own(p *problem) {
	if len(p.sites) == 0 {
		return
	}
	p.id = p.sites[0]
	for _, site := range p.sites {
		w.owner[site] = p.id
	}
}

// divide gives the blocks of a connected problem.
func (w *divider) divide(whole problem) []shared {
	var blocks []shared
	stack := []problem{whole}
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		b := w.sum(p)
		left := w.send(p, b)
		w.keepFlows(p)
		if left == 0 {
			blocks = append(blocks, shared{p, b})
			continue
		}
		more, less := w.cut(p)
		more.before, less.before = b, b
		stack = append(stack, w.split(less)...)
		stack = append(stack, w.split(more)...)
	}
	return blocks
}

func (w *divider) sum(p problem) (b block) {
	for _, sig := range p.sigs {
		b.households += w.served.households[sig]
	}
	for _, site := range p.sites {
		b.capacity += w.served.capacity[site]
	}
	return b
}

// send tries to fill all sites alike and gives what is left: 0 if that can be.
func (w *divider) send(p problem, b block) (left int64) {
	f, s := &w.flow, w.served
	f.reset(len(p.sigs), len(p.sites))
	for i, site := range p.sites {
		w.local[site] = int32(i)
		f.room = append(f.room, s.capacity[site]*b.households)
	}
	for _, sig := range p.sigs {
		for _, site := range s.sitesOf(sig) {
			if w.owner[site] == p.id {
				f.sink = append(f.sink, w.local[site])
			}
		}
		f.addSource(s.households[sig] * b.capacity)
	}
	f.empty()
	if p.before.capacity > 0 {
		w.beginFrom(p, b)
	}
	return f.run()
}

// beginFrom takes over the flows of the problem before, in the units of this one and no more than there is room
// for: most of what was sent there is sent here.
func (w *divider) beginFrom(p problem, b block) {
	part, whole := b.capacity, p.before.capacity
	if compareProducts(b.households, p.before.capacity, b.capacity, p.before.households) < 0 {
		part, whole = b.households, p.before.households
	}
	arc := int32(0)
	for _, sig := range p.sigs {
		for at := w.served.from[sig]; at < w.served.from[sig+1]; at++ {
			if w.owner[w.served.sites[at]] == p.id {
				w.flow.begin(arc, scaledDown(w.served.flows[at], part, whole))
				arc++
			}
		}
	}
}

// scaledDown is amount·part/whole, rounded down, where part is at most whole.
func scaledDown(amount, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(amount), uint64(part))
	quotient, _ := bits.Div64(high, low, uint64(whole))
	return int64(quotient)
}

func (w *divider) keepFlows(p problem) {
	arc := 0
	for _, sig := range p.sigs {
		for at := w.served.from[sig]; at < w.served.from[sig+1]; at++ {
			if w.owner[w.served.sites[at]] == p.id {
				w.served.flows[at] = w.flow.along[arc]
				arc++
			}
		}
	}
}

// cut parts a problem by the minimum cut of the flow. What is on the side of the sources reaches no site on
// the other.
func (w *divider) cut(p problem) (more, less problem) {
	for i, sig := range p.sigs {
		if w.flow.sourceLevel[i] != nowhere {
			more.sigs = append(more.sigs, sig)
		} else {
			less.sigs = append(less.sigs, sig)
		}
	}
	for i, site := range p.sites {
		if w.flow.sinkLevel[i] != nowhere {
			more.sites = append(more.sites, site)
		} else {
			less.sites = append(less.sites, site)
		}
	}
	w.own(&more)
	w.own(&less)
	return more, less
}

// split parts a problem into its connected components, in the order of their first sites.
func (w *divider) split(p problem) []problem {
	for _, site := range p.sites {
		w.parents[site] = site
	}
	for _, sig := range p.sigs {
		root := int32(nowhere)
		for _, site := range w.served.sitesOf(sig) {
			switch {
			case w.owner[site] != p.id:
			case root == nowhere:
				root = rootOf(w.parents, site)
			default:
				root = join(w.parents, root, rootOf(w.parents, site))
			}
		}
	}
	var parts []problem
	for _, site := range p.sites {
		root := rootOf(w.parents, site)
		if root == site {
			w.local[site] = int32(len(parts))
			parts = append(parts, problem{})
		}
		part := &parts[w.local[root]]
		part.sites = append(part.sites, site)
	}
	for _, sig := range p.sigs {
		part := &parts[w.local[rootOf(w.parents, w.firstOf(sig, p.id))]]
		part.sigs = append(part.sigs, sig)
	}
	for i := range parts {
		parts[i].before = p.before
		w.own(&parts[i])
	}
	return parts
}

// firstOf is the first site of a signature that a problem owns. There always is one: a signature without any
// would be as crowded as can be, and on the other side of the cut.
func (w *divider) firstOf(sig, id int32) int32 {
	for _, site := range w.served.sitesOf(sig) {
		if w.owner[site] == id {
			return site
		}
	}
	panic("coverage: a signature lost its sites")
}
