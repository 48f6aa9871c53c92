package store_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/yizhan/yizhan"
)

// Each gives what Find gives, all of it, at one seq.
func TestEachIsFindWithoutPages(t *testing.T) {
	s, _ := openFixture(t)
	for _, c := range yizhan.PublicCollections() {
		for _, q := range []yizhan.Query{{Collection: c}, {Collection: c, Unit: west}, {Collection: c, SkipGeometry: true}, {Collection: c, After: "9", Limit: 3}} {
			wanted := q
			wanted.After, wanted.Limit = "", 1000
			page, err := s.Find(t.Context(), wanted)
			if err != nil {
				t.Fatal(err)
			}
			var seq int64
			var features []yizhan.Feature
			err = s.Each(t.Context(), q, func(at int64) error { seq = at; return nil }, func(f yizhan.Feature) error {
				features = append(features, f)
				return nil
			})
			if err != nil || seq != page.Seq || len(features) != len(page.Features) || !reflect.DeepEqual(features, page.Features) {
				t.Errorf("%+v: %d features at seq %d, %v; want %d at %d", q, len(features), seq, err, len(page.Features), page.Seq)
			}
		}
	}
	enough := errors.New("enough")
	n := 0
	err := s.Each(t.Context(), yizhan.Query{Collection: yizhan.Units}, func(int64) error { return nil }, func(yizhan.Feature) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d features after the first was enough, %v", n, err)
	}
	err = s.Each(t.Context(), yizhan.Query{Collection: "roads"}, func(int64) error { return nil }, func(yizhan.Feature) error { return nil })
	if yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("roads: %v", err)
	}
}
