package coverage_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/coverage"
)

func keyedAllotments(t testing.TB, n int) []coverage.Keyed {
	t.Helper()
	tracts := append(randomTracts(n), coverage.Tract{Households: 3, Boundary: orb.MultiPolygon{{{hailar}}}})
	allotments, err := coverage.AllotAll(tracts, resolution)
	if err != nil {
		t.Fatal(err)
	}
	keyed := make([]coverage.Keyed, len(tracts))
	for i, a := range allotments {
		keyed[i] = coverage.Keyed{Key: coverage.KeyOf(tracts[i]), Allotment: a}
		if len(a.Shares) == 0 {
			keyed[i].Shares = []coverage.Share{}
		}
	}
	return keyed
}

func TestCacheRoundTrip(t *testing.T) {
	keyed := keyedAllotments(t, 500)
	text := coverage.EncodeAllotments(resolution, keyed)
	if again := coverage.EncodeAllotments(resolution, keyed); !bytes.Equal(text, again) {
		t.Error("other bytes the second time")
	}
	back, err := coverage.DecodeAllotments(text, resolution)
	if err != nil || !reflect.DeepEqual(back, keyed) {
		t.Errorf("%d allotments came back as %d others, %v", len(keyed), len(back), err)
	}
	if !back[len(back)-1].Flagged {
		t.Error("the flag is lost")
	}
	empty := coverage.EncodeAllotments(resolution, nil)
	if back, err := coverage.DecodeAllotments(empty, resolution); err != nil || len(back) != 0 {
		t.Errorf("nothing came back as %v, %v", back, err)
	}
}

func TestABrokenCacheIsRefused(t *testing.T) {
	text := coverage.EncodeAllotments(resolution, keyedAllotments(t, 20))
	for at := 0; at < len(text); at += 7 {
		broken := bytes.Clone(text)
		broken[at] ^= 0x10
		checkRefused(t, broken, resolution)
		checkRefused(t, text[:at], resolution)
	}
	checkRefused(t, append(bytes.Clone(text), 0), resolution)
	for _, other := range []int{-1, 9, 11, 16} {
		checkRefused(t, text, other)
	}
}

func checkRefused(t *testing.T, text []byte, resolution int) {
	t.Helper()
	if got, err := coverage.DecodeAllotments(text, resolution); !errors.Is(err, coverage.ErrCache) || got != nil {
		t.Errorf("%d bytes at resolution %d: %d allotments, %v", len(text), resolution, len(got), err)
	}
}

func TestKeysTellTractsApart(t *testing.T) {
	tracts := []coverage.Tract{
		{}, {Households: 1}, {Households: 1, Boundary: square(hailar, 100)}, {Households: 2, Boundary: square(hailar, 100)},
		{Households: 1, Boundary: square(hailar, 101)},
		{Households: 1, Boundary: append(square(hailar, 100), square(hailar, 101)...)},
		{Households: 1, Boundary: orb.MultiPolygon{{rectangle(hailar, 100, 100), rectangle(hailar, 101, 101)}}},
	}
	seen := map[coverage.Key]int{}
	for i, tract := range tracts {
		key := coverage.KeyOf(tract)
		if other, same := seen[key]; same {
			t.Errorf("tracts %d and %d have one key", other, i)
		}
		seen[key] = i
		if coverage.KeyOf(tract) != key {
			t.Errorf("tract %d has two keys", i)
		}
	}
}

// FuzzDecodeAllotments mends the checksum, so that what is behind it meets hostile bytes.
func FuzzDecodeAllotments(f *testing.F) {
	text := coverage.EncodeAllotments(resolution, keyedAllotments(f, 5))
	f.Add(text[10 : len(text)-sha256.Size])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, records []byte) {
		body := append([]byte("YZDEMAND\x01\x0a"), records...)
		sum := sha256.Sum256(body)
		got, err := coverage.DecodeAllotments(append(body, sum[:]...), resolution)
		if err != nil {
			return
		}
		allotments := make([]coverage.UnitAllotment, len(got))
		for i, a := range got {
			allotments[i].Allotment = a.Allotment
		}
		if _, err := coverage.NewDemand(resolution, allotments); err != nil {
			t.Errorf("what was read cannot be used: %v", err)
		}
	})
}

func BenchmarkDecodeAllotments(b *testing.B) {
	text := coverage.EncodeAllotments(resolution, keyedAllotments(b, 38_723))
	b.ReportMetric(float64(len(text)), "bytes")
	for b.Loop() {
		if _, err := coverage.DecodeAllotments(text, resolution); err != nil {
			b.Fatal(err)
		}
	}
}
