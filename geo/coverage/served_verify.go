package coverage

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// compareProducts compares a·b with c·d, none of them negative.
func compareProducts(a, b, c, d int64) int {
	highAB, lowAB := bits.Mul64(uint64(a), uint64(b))
	highCD, lowCD := bits.Mul64(uint64(c), uint64(d))
	return cmp.Or(cmp.Compare(highAB, highCD), cmp.Compare(lowAB, lowCD))
}

// Verify proves the answer from the cells and the incidence alone, without finding it again: that the flow can be
// sent, that it is as much as a cut lets through, so that no flow is more, and that it is the fairest. An
// error means that the answer is wrong.
func (s *Served) Verify() error {
	for _, check := range []func() error{s.verifySignatures, s.verifyFlow, s.verifyCut, s.verifyFairness} {
		if err := check(); err != nil {
			return fmt.Errorf("coverage: served demand: %w", err)
		}
	}
	return nil
}

// verifySignatures checks that cells taken together reach the same sites.
func (s *Served) verifySignatures() error {
	households, cells := make([]int64, len(s.households)), make([]int32, len(s.cells))
	for cell, n := range s.demand.finest().households {
		all, _ := s.pairs.Of(cell)
		var sites []int32
		for _, site := range all {
			if s.capacity[site] > 0 {
				sites = append(sites, site)
			}
		}
		sig := s.of[cell]
		switch {
		case sig == nowhere && len(sites) > 0 && n > 0:
			return fmt.Errorf("cell %d reaches sites and is left out", cell)
		case sig == nowhere:
			continue
		case !slices.Equal(sites, s.sitesOf(sig)):
			return fmt.Errorf("cell %d does not reach the sites of signature %d", cell, sig)
		}
		households[sig] += n
		cells[sig]++
	}
	if !slices.Equal(households, s.households) || !slices.Equal(cells, s.cells) {
		return fmt.Errorf("signatures do not have the households of their cells")
	}
	return nil
}

// verifyFlow checks that the flow of each block fills it alike: each signature of H households sends H·C,
// each site of capacity Q gets Q·D. Divided by C, or by D where it is more, that is a flow which sends no more
// than there is and fills no site over its capacity.
func (s *Served) verifyFlow() error {
	into := make([]int64, len(s.capacity))
	for sig, households := range s.households {
		at := s.blockOfSig[sig]
		sent := int64(0)
		for arc := s.from[sig]; arc < s.from[sig+1]; arc++ {
			flow, site := s.flows[arc], s.sites[arc]
			if flow < 0 || flow > 0 && s.blockOfSite[site] != at {
				return fmt.Errorf("a flow of %d from signature %d to site %d", flow, sig, site)
			}
			sent += flow
			into[site] += flow
		}
		if want := households * s.blocks[at].capacity; sent != want {
			return fmt.Errorf("signature %d sends %d, not %d", sig, sent, want)
		}
	}
	for site, at := range s.blockOfSite {
		if want := int64(0); at != nowhere {
			if want = s.capacity[site] * s.blocks[at].households; into[site] != want {
				return fmt.Errorf("site %d gets %d, not %d", site, into[site], want)
			}
		}
	}
	return nil
}

// verifyCut checks that the cells of blocks that are short reach no other sites, and that the households of all
// other cells and the capacity of those sites are what is served.
func (s *Served) verifyCut() error {
	through := int64(0)
	for sig, at := range s.blockOfSig {
		if !s.blocks[at].isShort() {
			through += s.households[sig]
			continue
		}
		for _, site := range s.sitesOf(int32(sig)) {
			if !s.blocks[s.blockOfSite[site]].isShort() {
				return fmt.Errorf("signature %d goes short though site %d has seats", sig, site)
			}
		}
	}
	for site, at := range s.blockOfSite {
		if at != nowhere && s.blocks[at].isShort() {
			through += s.capacity[site]
		}
	}
	if through != s.Served {
		return fmt.Errorf("the cut lets %d through and %d are served", through, s.Served)
	}
	return nil
}

// verifyFairness checks that no cell reaches a site that is less crowded than its block, as then it could be
// served better at nobody's cost who is served worse.
func (s *Served) verifyFairness() error {
	for sig, at := range s.blockOfSig {
		for _, site := range s.sitesOf(int32(sig)) {
			if s.blocks[at].crowding(s.blocks[s.blockOfSite[site]]) > 0 {
				return fmt.Errorf("signature %d could use site %d, which is less crowded", sig, site)
			}
		}
	}
	return nil
}
