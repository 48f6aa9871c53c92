package siting_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/yizhan/yizhan/geo/siting"
	"github.com/yizhan/yizhan/geo/siting/instance"
)

const pmeds = 20

func readPMed(t testing.TB, name string) siting.Distances {
	t.Helper()
	file, err := os.Open("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	graph, err := instance.ReadPMed(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := siting.ShortestPaths(graph.Nodes, graph.Edges)
	if err != nil {
		t.Fatal(err)
	}
	return siting.Distances{Rows: rows, P: graph.P}
}

func optima(t testing.TB) (known map[string]map[string]int64) {
	t.Helper()
	text, err := os.ReadFile("testdata/optima.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	return known
}

// solvers are the questions whose optima are known for every graph.
var solvers = map[string]func(siting.Distances, siting.Options) (siting.Located, error){
	"pmedian": siting.PMedian,
	"pcenter": siting.PCenter,
}

func TestPMedOptima(t *testing.T) {
	known := optima(t)
	for model, solve := range solvers {
		for i := range pmeds {
			name := fmt.Sprintf("pmed%d", i+1)
			t.Run(model+"/"+name, func(t *testing.T) {
				t.Parallel()
				got, err := solve(readPMed(t, name), siting.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if want := known[model][name]; got.Objective != want || got.Bound != want || !got.Proved {
					t.Errorf("%d, bound %d, proved %v; the optimum is %d", got.Objective, got.Bound, got.Proved, want)
				}
			})
		}
	}
}

func BenchmarkPMed(b *testing.B) {
	for model, solve := range solvers {
		for i := range pmeds {
			name := fmt.Sprintf("pmed%d", i+1)
			b.Run(model+"/"+name, func(b *testing.B) {
				q := readPMed(b, name)
				var got siting.Located
				var err error
				for b.Loop() {
					if got, err = solve(q, siting.Options{}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(100*got.Gap(), "%gap")
				b.ReportMetric(float64(got.Objective), "objective")
			})
		}
	}
}
