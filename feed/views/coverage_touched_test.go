package views_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/feed/views"
)

// Every cell whose figures an edit changes has its centre in a box that Touched gives, for any parameters.
func TestTouchedHoldsWhateverChanged(t *testing.T) {
	e := &editor{rng: rand.New(rand.NewPCG(3, 9)), city: syntheticCity(tiny)}
	view := coverageOf(t, e.city, views.CoverageOptions{})
	questions := []views.Question{usual, {RadiusM: views.MaxRadiusM}, {RadiusM: 500, Services: "water"}}
	changed := 0
	for range 60 {
		was, after := cellsOf(t, view, questions), view.Seq()
		changes := e.next()
		update(t, view, e.city, changes)
		wait(t, view)
		boxes, known := view.Touched(t.Context(), after, e.city.Seq)
		if !known {
			t.Fatalf("what changed from %d to %d is not known", after, e.city.Seq)
		}
		is := cellsOf(t, view, questions)
		for i := range questions {
			for _, cell := range differing(was[i], is[i]) {
				changed++
				if center := cell.Cell.Center(); !slices.ContainsFunc(boxes, func(b orb.Bound) bool { return b.Contains(center) }) {
					t.Errorf("cell %s changed at %v, outside of %v", cell.Cell, center, boxes)
				}
			}
		}
	}
	if changed < 1000 {
		t.Errorf("only %d cells changed", changed)
	}
	if boxes, known := view.Touched(t.Context(), 1, e.city.Seq); !known || len(boxes) == 0 {
		t.Errorf("all edits together: %d boxes, %v", len(boxes), known)
	}
}

func cellsOf(t *testing.T, view *views.Coverage, questions []views.Question) [][]views.Cell {
	t.Helper()
	all := make([][]views.Cell, len(questions))
	for i, p := range questions {
		var err error
		if all[i], _, err = cellsFrom(view, p, everywhere, views.DemandResolution); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// differing gives the cells that are not the same in both.
func differing(a, b []views.Cell) (cells []views.Cell) {
	have := map[views.Cell]int{}
	for _, cell := range a {
		have[cell]++
	}
	for _, cell := range b {
		have[cell]--
	}
	for cell, n := range have {
		if n != 0 {
			cells = append(cells, cell)
		}
	}
	return cells
}

func TestTouchedSaysWhenItDoesNotKnow(t *testing.T) {
	city := syntheticCity(tiny)
	view := coverageOf(t, city, views.CoverageOptions{})
	if _, known := view.Touched(t.Context(), 0, 1); known {
		t.Error("knows what came before the first load")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, known := view.Touched(ctx, 1, 99); known {
		t.Error("knows the future")
	}
}
