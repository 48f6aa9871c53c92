package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/coverage"
	"github.com/yizhan/yizhan/geo/hex"
	"github.com/yizhan/yizhan/internal/pgtest"
)

// smallEngine is one town with some sites.
func smallEngine(t *testing.T) *coverage.Engine {
	t.Helper()
	at := orb.Point{119.75, 49.21}
	middle, err := hex.Of(at, 10)
	if err != nil {
		t.Fatal(err)
	}
	var shares []coverage.Share
	for i, cell := range middle.Disk(25) {
		shares = append(shares, coverage.Share{Cell: cell, Households: int32(1 + i%7)})
	}
	demand, err := coverage.NewDemand(10, []coverage.UnitAllotment{{Unit: "150702001001", Allotment: coverage.Allotment{Shares: shares}}})
	if err != nil {
		t.Fatal(err)
	}
	var sites coverage.Sites
	for i := range 60 {
		site := coverage.Site{Code: string(rune(0x100 + i)), Unit: "150702001001", At: orb.Point{at[0] + 0.0008*float64(i), at[1]}, Services: 1, MaybeServices: 1, Open: coverage.FullWeek(), MaybeOpen: coverage.FullWeek()}
		sites = append(sites, site)
	}
	engine, err := coverage.NewEngine(demand, sites, nil)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// PostGIS counts what the engine counts, or the run fails.
func TestASmallCity(t *testing.T) {
	report := newReport()
	m := engineBench{city: "small", engine: smallEngine(t), report: &report, say: func(string, ...any) {}}
	if err := m.run(t.Context(), pgtest.DB(t)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.print(&out); err != nil || len(report.Rows) != 7 {
		t.Errorf("%d rows, %v", len(report.Rows), err)
	}
	for _, row := range report.Rows {
		if row.Took <= 0 || !strings.Contains(out.String(), row.What) {
			t.Errorf("row %+v in %s", row, out.String())
		}
	}
	if text, err := json.Marshal(report); err != nil || !bytes.Contains(text, []byte(`"took_ms"`)) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestP95(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(i+1)*time.Millisecond)
	}
	if got := p95(took); got != millis(190) || got.String() != "190 ms" {
		t.Errorf("p95 is %v", got)
	}
	if got := p95(took[:1]); got != millis(1) {
		t.Errorf("p95 of one is %v", got)
	}
}
