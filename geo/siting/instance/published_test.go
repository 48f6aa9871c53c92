package instance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan/geo/siting"
	"github.com/yizhan/yizhan/geo/siting/instance"
)

// sjcOptima are proved optima of one instance and radius.
type sjcOptima struct {
	Total   int64   `json:"total"`
	Optimum []int64 `json:"optimum_by_p"`
}

// maxSeconds is how long an instance may take.
const maxSeconds = 2

// TestSJC solves every SJC instance of the folder that YIZHAN_SJC names, for each radius and number of sites
// in its optima.json. Their licence keeps them out of this repository: without the folder there is no case.
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
		MCLP map[string]sjcOptima `json:"mclp_sjc"`
	}
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	if len(known.MCLP) == 0 {
		t.Fatal("optima.json knows no instance")
	}
	for _, key := range slices.Sorted(maps.Keys(known.MCLP)) {
		name, radius, _ := strings.Cut(key, "_r")
		reach, demand := readReach(t, filepath.Join(folder, name+".txt"), radius)
		for i, optimum := range known.MCLP[key].Optimum {
			t.Run(fmt.Sprintf("%s_p%d", key, i+1), func(t *testing.T) {
				started := time.Now()
				got, err := siting.MaxCover(siting.Cover{
					Weights: demand, Candidates: len(reach), P: i + 1,
					Reach: func(j int, buf []int32) []int32 { return append(buf, reach[j]...) },
				}, siting.Options{})
				if err != nil {
					t.Fatal(err)
				}
				seconds := time.Since(started).Seconds()
				t.Logf("%d, bound %d, %.3f s", got.Objective, got.Bound, seconds)
				if got.Objective != optimum || got.Bound != optimum || got.Total != known.MCLP[key].Total || seconds > maxSeconds {
					t.Errorf("%d, bound %d of %d in %.1f s; the optimum is %d of %d", got.Objective, got.Bound, got.Total, seconds, optimum, known.MCLP[key].Total)
				}
			})
		}
	}
}

func readReach(t *testing.T, path, radius string) (reach [][]int32, demand []int64) {
	t.Helper()
	r, err := strconv.ParseFloat(radius, 64)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plane, err := instance.ReadSJC(file)
	if err != nil {
		t.Fatal(err)
	}
	return plane.Reach(r), plane.Demand
}
