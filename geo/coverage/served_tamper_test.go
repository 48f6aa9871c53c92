package coverage

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/hex"
)

// crowdedTown has three sites, of which the first is short of seats and the last has some to spare.
func crowdedTown(t *testing.T) *Served {
	t.Helper()
	middle, err := hex.Of(orb.Point{119.7364, 49.2122}, 10)
	if err != nil {
		t.Fatal(err)
	}
	var a Allotment
	for _, cell := range middle.Disk(1) {
		a.Shares = append(a.Shares, Share{cell, 10})
	}
	d, err := NewDemand(10, []UnitAllotment{{"1507", a}})
	if err != nil {
		t.Fatal(err)
	}
	reach := [][]int32{{0}, {0}, {0, 1}, {1}, {1, 2}, {2}, nil}
	in := &Incidence{From: []int32{0}}
	for _, sites := range reach {
		in.Sites = append(in.Sites, sites...)
		in.DistancesM = append(in.DistancesM, make([]float32, len(sites))...)
		in.From = append(in.From, int32(len(in.Sites)))
	}
	s, err := d.Serve(in, []int{5, 18, 40}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Verify must see whatever is wrong with an answer.
func TestVerifySeesWhatIsWrong(t *testing.T) {
	if s := crowdedTown(t); s.Verify() != nil || len(s.blocks) != 3 || s.Served != 5+18+20 {
		t.Fatalf("%d served in %d blocks: %v", s.Served, len(s.blocks), s.Verify())
	}
	for name, tamper := range map[string]func(s *Served){
		"more served":                 func(s *Served) { s.Served++ },
		"fewer served":                func(s *Served) { s.Served-- },
		"a flow of nothing":           func(s *Served) { s.flows[0] = 0 },
		"a flow that does not add up": func(s *Served) { s.flows[0]++ },
		"a negative flow":             func(s *Served) { s.flows[1]--; s.flows[2]++ },
		"more capacity in a block":    func(s *Served) { s.blocks[0].capacity++ },
		"other blocks":                func(s *Served) { s.blocks[0], s.blocks[1] = s.blocks[1], s.blocks[0] },
		"a site in another block":     func(s *Served) { s.blockOfSite[0] = s.blockOfSite[1] },
		"a cell in another block":     func(s *Served) { s.blockOfSig[0] = s.blockOfSig[len(s.blockOfSig)-1] },
		"a cell left out":             func(s *Served) { s.of[0] = nowhere },
		"a cell with other sites":     func(s *Served) { s.of[0] = s.of[3] },
		"other households":            func(s *Served) { s.households[0]++ },
		"more seats":                  func(s *Served) { s.capacity[0]++ },
		"a site that takes no part":   func(s *Served) { s.capacity[0] = 0 },
		"unfair blocks": func(s *Served) { // those with too few seats and those with enough, each alike
			for i := range s.blocks {
				s.blocks[i] = block{households: 1, capacity: 1}
			}
		},
	} {
		s := crowdedTown(t)
		tamper(s)
		if s.Verify() == nil {
			t.Errorf("%s: not seen", name)
		}
	}
}

// The cell that reaches sites 0 and 1 is in the block of 1, the less crowded. It could be better off as soon as
// 0 were less crowded still.
func TestVerifySeesWhatIsUnfair(t *testing.T) {
	for _, test := range []struct {
		households, capacity int64
		isFair               bool
	}{{1000, 1, true}, {20, 18, true}, {20, 19, false}, {1, 1000, false}} {
		s := crowdedTown(t)
		s.blocks[s.blockOfSite[0]] = block{test.households, test.capacity}
		if err := s.verifyFairness(); (err == nil) != test.isFair {
			t.Errorf("%d households and a capacity of %d: %v", test.households, test.capacity, err)
		}
	}
}

// As many signatures as make the table grow, each found again.
func TestSignaturesAreToldApart(t *testing.T) {
	const sites = 14
	in := &Incidence{From: []int32{0}}
	var households []int64
	for range 2 {
		for set := range 1 << sites {
			for site := range int32(sites) {
				if set>>site&1 == 1 {
					in.Sites = append(in.Sites, site)
				}
			}
			in.From = append(in.From, int32(len(in.Sites)))
			households = append(households, int64(set))
		}
	}
	capacity := make([]int64, sites)
	for site := range capacity {
		capacity[site] = int64(site) // the first takes no part
	}
	s := sign(households, in, capacity)
	if want := 1<<(sites-1) - 1; len(s.households) != want {
		t.Fatalf("%d signatures, want %d", len(s.households), want)
	}
	for cell, sig := range s.of {
		set := cell & (1<<sites - 1)
		if (sig == nowhere) != (set < 2) {
			t.Fatalf("cell %d has signature %d", cell, sig)
		}
		if sig != nowhere && (s.cells[sig] != 4 || s.households[sig] != 2*int64(set&^1+set|1)) {
			t.Fatalf("signature %d of set %b: %d cells, %d households", sig, set, s.cells[sig], s.households[sig])
		}
	}
}
