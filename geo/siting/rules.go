package siting

// rules say which sets of sites of a part are allowed.
type rules struct {
	most   int     // sites
	cost   []int64 // of each site; nil for no budget
	budget int64
	group  []int32 // of each site, negative for none; nil for no floors
	floor  []int   // least sites in each group
}

// plain tells that only the number of sites counts.
func (r *rules) plain() bool { return r.cost == nil && r.group == nil }

// tally is what rules look at in a set of sites.
type tally struct {
	*rules
	sites   int
	spent   int64
	inGroup []int
}

func (r *rules) tally() *tally { return &tally{rules: r, inGroup: make([]int, len(r.floor))} }

func (t *tally) add(site int32) { t.change(site, 1) }

func (t *tally) drop(site int32) { t.change(site, -1) }

func (t *tally) change(site int32, by int) {
	t.sites += by
	if t.cost != nil {
		t.spent += int64(by) * t.cost[site]
	}
	if g := t.groupOf(site); g >= 0 {
		t.inGroup[g] += by
	}
}

func (r *rules) groupOf(site int32) int32 {
	if r.group == nil {
		return -1
	}
	return r.group[site]
}

// fits tells whether a site may be added, leaving floors aside.
func (t *tally) fits(site int32) bool {
	return t.sites < t.most && (t.cost == nil || t.spent+t.cost[site] <= t.budget)
}
