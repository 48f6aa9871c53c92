package intake

import (
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/datum"
)

// FuzzCells reads what people write into cells: whatever it is, it is a value that can be kept, or an error.
func FuzzCells(f *testing.F) {
	for _, text := range []string{"", "-", "周一至周五 8:30—17:30", "24小时", "8点半-18点", "119°44′11″", "119.7364,49.2122", "2026年3月1日", "饮水、充电:损坏@2026-01-01",
		`[{"service":"water","condition":"broken"}]`, `["water"]`, "１１９．５", "1e400", "0x1p4", "NaN", "\xff\xfe"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if x, err := coordinate(text); err == nil && !finite([2]float64{x, x}) {
			t.Errorf("%q is the coordinate %v", text, x)
		}
		b := binding{}
		if p, given, err := b.pairPosition(text); given && err == nil && !finite(p) {
			t.Errorf("%q is the position %v", text, p)
		}
		if hours, err := parseHours(text); err == nil {
			if again, err := yizhan.ParseHours(hours.String()); err != nil || again.String() != hours.String() {
				t.Errorf("%q is read as %q, which is read as %q: %v", text, hours, again, err)
			}
		}
		if at, err := parseInstant(text); err == nil && (at.Year() < 1999 || at.Year() > 2101) {
			t.Errorf("%q is %v", text, at)
		}
		r := newReader(binding{}, nil, datum.Candidate{})
		r.servicesIn(text)
		codesIn(text)
		plain(text)
		Guess(Stations, []string{text, "名称"})
	})
}
