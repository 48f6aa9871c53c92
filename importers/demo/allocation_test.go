package demo

import "testing"

func allocated(t *testing.T) *source {
	t.Helper()
	s, err := readSource()
	if err != nil {
		t.Fatal(err)
	}
	allocate(s)
	return s
}

func TestBannersHaveTheirAllocation(t *testing.T) {
	byCode := map[string]*banner{}
	for _, b := range allocated(t).banners {
		byCode[b.code] = b
	}
	seen := 0
	err := readTable("banner_allocation.csv", func(row row) error {
		b := byCode[row.text("banner_code")]
		for _, figure := range []struct {
			column string
			got    int
		}{
			{"communities", len(b.communities)},
			{"households", b.households},
			{"micro_grids", b.grids},
			{"unit_leaders", b.leaders},
			{"second_leaders", b.leaders - b.grids},
		} {
			if want := row.number(figure.column); figure.got != want {
				t.Errorf("%s: %d %s, want %d", b.name, figure.got, figure.column, want)
			}
		}
		seen++
		return row.err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != 14 {
		t.Errorf("%d banners in the table, want 14", seen)
	}
}

func TestCommunitiesAddUp(t *testing.T) {
	communities, households, grids := 0, 0, 0
	for _, b := range allocated(t).banners {
		h, g := 0, 0
		for _, c := range b.communities {
			h, g = h+c.households, g+c.grids
			sum := 0
			for _, n := range c.gridHouseholds() {
				sum += n
				if n < 5 {
					t.Errorf("%s: a micro-grid of %d households", c.code, n)
				}
			}
			if sum != c.households {
				t.Errorf("%s: micro-grids have %d households, the community %d", c.code, sum, c.households)
			}
		}
		if h != b.households || g != b.grids {
			t.Errorf("%s: communities have %d households and %d micro-grids, want %d and %d", b.name, h, g, b.households, b.grids)
		}
		communities, households, grids = communities+len(b.communities), households+h, grids+g
	}
	if communities != 1_173 || households != 1_152_112 || grids != 38_723 {
		t.Errorf("%d communities, %d households, %d micro-grids; want 1173, 1152112, 38723", communities, households, grids)
	}
}

func TestApportion(t *testing.T) {
	for _, test := range []struct {
		name    string
		total   int
		weights []int64
		least   int
		want    []int
	}{
		{"exact", 6, []int64{1, 2, 3}, 0, []int{1, 2, 3}},
		{"largest remainder first", 10, []int64{1, 1, 4}, 0, []int{2, 2, 6}},
		{"ties to the first", 4, []int64{1, 1, 1}, 0, []int{2, 1, 1}},
		{"least", 10, []int64{0, 1}, 3, []int{3, 7}},
	} {
		got := apportion(test.total, test.weights, test.least)
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%s: %v, want %v", test.name, got, test.want)
				break
			}
		}
	}
}
