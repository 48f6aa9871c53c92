package instance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan/geo/siting"
	"github.com/yizhan/yizhan/geo/siting/instance"
)

// TestSJC solves every SJC instance of the folder that YIZHAN_SJC names, beside its optima.json. Their
// licence keeps them out of this repository, so without the folder there is no case to run.
func TestSJC(t *testing.T) {
	folder := os.Getenv("YIZHAN_SJC")
	if folder == "" {
		t.Log("YIZHAN_SJC names no folder: 0 instances")
		return
	}
	text, err := os.ReadFile(filepath.Join(folder, "optima.json"))
	if err != nil {
		t.Fatal(err)
	}
	var known struct {
		MCLP map[string]struct {
			Total   int64   `json:"total"`
			Optimum []int64 `json:"optimum_by_p"`
		} `json:"mclp_sjc"`
	}
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	for key, want := range known.MCLP {
		name, radius, _ := strings.Cut(key, "_r")
		r, err := strconv.ParseFloat(radius, 64)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(filepath.Join(folder, name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		plane, err := instance.ReadSJC(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		reach := plane.Reach(r)
		for i, optimum := range want.Optimum {
			started := time.Now()
			got, err := siting.MaxCover(siting.Cover{
				Weights: plane.Demand, Candidates: len(reach), P: i + 1,
				Reach: func(j int, buf []int32) []int32 { return append(buf, reach[j]...) },
			}, siting.Options{})
			if err != nil {
				t.Fatal(err)
			}
			took := time.Since(started)
			t.Logf("%s p=%d: %d, bound %d, %v", key, i+1, got.Objective, got.Bound, took.Round(time.Millisecond))
			if got.Objective != optimum || got.Bound != optimum || got.Total != want.Total || took > 2*time.Second {
				t.Errorf("%s p=%d: %d ≤ %d of %d in %v, the optimum is %d of %d", key, i+1, got.Objective, got.Bound, got.Total, took, optimum, want.Total)
			}
		}
	}
}
