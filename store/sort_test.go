package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// turn turns all pages of a query and gives the codes; meanwhile is done between pages.
func turn(t *testing.T, s *store.Store, q yizhan.Query, meanwhile func()) (codes []string) {
	t.Helper()
	for range 1000 {
		page, err := s.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range page.Features {
			codes = append(codes, f.Ref().Code)
		}
		if !page.More {
			return codes
		}
		q.After, q.AfterValues = codes[len(codes)-1], page.Last
		meanwhile()
	}
	t.Fatal("the pages do not end")
	return nil
}

// TestFindSorts holds every order of stations, at every size of page, against a sort in Go.
func TestFindSorts(t *testing.T) {
	s, _ := openFixture(t)
	var all []*yizhan.Station
	for i := range 24 {
		one := station(fmt.Sprintf("SORT-%02d", i), 0.1+0.01*float64(i), 0.2)
		one.Name = []string{"驿站", "Ä", "a", "Z", "", "é"}[i%5] + "站"
		one.Capacity = i % 3
		one.Synthetic = i%2 == 0
		if i%4 != 0 {
			one.ConfirmedAt = time.Date(2026, 3, 1+i%5, 1, 2, 3, 456_789_000, time.UTC)
		}
		all = append(all, one)
		apply(t, s, yizhan.CreateOf(one))
	}
	filters := []yizhan.Filter{{Property: "community", Values: []string{all[0].Community}}}
	for _, code := range find(t, s, yizhan.Query{Collection: yizhan.Stations, Filters: filters}) {
		if !strings.HasPrefix(code, "SORT") {
			all = append(all, get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: code}))
		}
	}
	unknown := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	orders := map[string]func(a, b *yizhan.Station) int{
		"name":     func(a, b *yizhan.Station) int { return strings.Compare(a.Name, b.Name) },
		"capacity": func(a, b *yizhan.Station) int { return cmp.Compare(a.Capacity, b.Capacity) },
		"confirmed_at": func(a, b *yizhan.Station) int {
			at := func(s *yizhan.Station) time.Time {
				if s.ConfirmedAt.IsZero() {
					return unknown
				}
				return s.ConfirmedAt
			}
			return at(a).Compare(at(b))
		},
		"synthetic": func(a, b *yizhan.Station) int {
			return cmp.Compare(fmt.Sprint(a.Synthetic), fmt.Sprint(b.Synthetic)) // false before true
		},
	}
	for _, keys := range []string{"name", "-name", "capacity,-name", "-confirmed_at,synthetic,-capacity", "confirmed_at", "synthetic,name"} {
		var sort []yizhan.SortKey
		for key := range strings.SplitSeq(keys, ",") {
			sort = append(sort, yizhan.SortKey{Property: strings.TrimPrefix(key, "-"), Descending: key[0] == '-'})
		}
		slices.SortFunc(all, func(a, b *yizhan.Station) int {
			for _, key := range sort {
				if c := orders[key.Property](a, b); c != 0 && key.Descending {
					return -c
				} else if c != 0 {
					return c
				}
			}
			return strings.Compare(a.Code, b.Code)
		})
		var want []string
		for _, one := range all {
			want = append(want, one.Code)
		}
		for _, limit := range []int{1, 2, 7, 100} {
			got := turn(t, s, yizhan.Query{Collection: yizhan.Stations, Limit: limit, Filters: filters, Sort: sort}, func() {})
			if !slices.Equal(got, want) {
				t.Errorf("by %s, %d a page:\n%v, want\n%v", keys, limit, got, want)
			}
		}
	}
}

// TestSortedPagesAreStable turns pages while others move features to the front and to the back, delete some and
// make others: those that stay as they are are seen once.
func TestSortedPagesAreStable(t *testing.T) {
	s, _ := openFixture(t)
	for i := range 20 {
		one := station(fmt.Sprintf("STAY-%02d", i), 0.1+0.01*float64(i), 0.2)
		one.Capacity = 100 + i/4
		other := station(fmt.Sprintf("MOVE-%02d", i), 0.1+0.01*float64(i), 0.3)
		other.Capacity = 100 + i/4
		apply(t, s, yizhan.CreateOf(one), yizhan.CreateOf(other))
	}
	n := 0
	got := turn(t, s, yizhan.Query{Collection: yizhan.Stations, Limit: 3, Sort: []yizhan.SortKey{{Property: "capacity"}}}, func() {
		if n >= 19 {
			return
		}
		moved := *get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: fmt.Sprintf("MOVE-%02d", n)})
		moved.Capacity = 100 + n%7
		gone := get[*yizhan.Station](t, s, yizhan.Ref{Collection: yizhan.Stations, Code: fmt.Sprintf("MOVE-%02d", n+1)})
		fresh := station(fmt.Sprintf("FRESH-%02d", n), 0.1, 0.4)
		fresh.Capacity = 100 + n%5
		apply(t, s, yizhan.UpdateOf(&moved), deleteOf(gone), yizhan.CreateOf(fresh))
		n += 2
	})
	seen := map[string]int{}
	for _, code := range got {
		seen[code]++
	}
	for i := range 20 {
		if code := fmt.Sprintf("STAY-%02d", i); seen[code] != 1 {
			t.Errorf("%s was seen %d times", code, seen[code])
		}
	}
}

func TestBadOrders(t *testing.T) {
	s, _ := openFixture(t)
	by := func(properties ...string) (keys []yizhan.SortKey) {
		for _, p := range properties {
			keys = append(keys, yizhan.SortKey{Property: p})
		}
		return keys
	}
	for name, q := range map[string]yizhan.Query{
		"sort: unknown":        {Sort: by("colour")},
		"sort: injected":       {Sort: by("name; DROP TABLE stations")},
		"sort: a shape":        {Sort: by("geometry")},
		"sort: many values":    {Sort: by("services")},
		"sort: four":           {Sort: by("name", "kind", "status", "code")},
		"after: no values":     {Sort: by("name"), After: "A-1"},
		"after: not a number":  {Sort: by("capacity"), After: "A-1", AfterValues: []string{"x'"}},
		"after: NaN":           {Sort: by("capacity"), After: "A-1", AfterValues: []string{"NaN"}},
		"after: NUL":           {Sort: by("name"), After: "A-1", AfterValues: []string{"a\x00"}},
		"after: without order": {After: "A-1", AfterValues: []string{"x"}},
	} {
		q.Collection, q.Limit = yizhan.Stations, 1
		field, _, _ := strings.Cut(name, ":")
		_, err := s.Find(t.Context(), q)
		checkError(t, err, yizhan.CodeInvalid, field)
	}
}
