package mvt_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/tiles/mvt"
)

// fixtureCount is how many cases @mapbox/mvt-fixtures 4.0.0 has.
const fixtureCount = 74

// contradictions are cases that say to be valid and contradict another that says not to be. The tile of 016
// is that of 003, byte for byte: a feature without a type. 057 is 051 with another point: a MoveTo of
// 536,870,911 points with one point after it. Nobody can agree with both; we refuse all four.
var contradictions = map[string]string{"016": "003", "057": "051"}

// TestPromiseAgreesWithMapboxFixtures judges every case but the contradictions as its authors do for version 2.
func TestPromiseAgreesWithMapboxFixtures(t *testing.T) {
	infos, err := filepath.Glob("testdata/fixtures/*.info.json")
	if err != nil || len(infos) != fixtureCount {
		t.Fatalf("found %d of %d cases: %v", len(infos), fixtureCount, err)
	}
	valid := 0
	for _, info := range infos {
		name := strings.TrimSuffix(info, ".info.json")
		t.Run(filepath.Base(name), func(t *testing.T) {
			var said struct {
				Description string
				Validity    struct{ V2 bool }
			}
			readJSON(t, info, &said)
			data, err := os.ReadFile(name + ".mvt")
			if err != nil {
				t.Fatal(err)
			}
			problems := mvt.Validate(data)
			if _, contradicted := contradictions[filepath.Base(name)]; contradicted {
				said.Validity.V2 = false
			}
			if got := mvt.Legal(problems); got != said.Validity.V2 {
				t.Errorf("valid is %t here and %t there: %v\n%s", got, said.Validity.V2, problems, said.Description)
			}
			if said.Validity.V2 {
				valid++
				checkFixture(t, data, name+".tile.json")
			}
		})
	}
	t.Logf("%d valid, %d not", valid, fixtureCount-valid)
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// checkFixture compares what is read with what the case was made of.
func checkFixture(t *testing.T, data []byte, path string) {
	t.Helper()
	var want struct {
		Layers []struct {
			Name     string
			Features []struct {
				Type json.RawMessage
				Tags []uint32
			}
		}
	}
	readJSON(t, path, &want)
	tile, err := mvt.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(tile.Layers) != len(want.Layers) {
		t.Fatalf("%d layers instead of %d", len(tile.Layers), len(want.Layers))
	}
	for i, layer := range tile.Layers {
		if layer.Name != want.Layers[i].Name || len(layer.Features) != len(want.Layers[i].Features) {
			t.Errorf("layer %d is %q with %d features", i, layer.Name, len(layer.Features))
			continue
		}
		for j, f := range layer.Features {
			if tags := want.Layers[i].Features[j].Tags; len(f.Properties) != len(tags)/2 {
				t.Errorf("feature %d has %d properties instead of %d", j, len(f.Properties), len(tags)/2)
			}
		}
	}
}

func TestTheContradictionsAreSuch(t *testing.T) {
	for valid, invalid := range contradictions {
		var said [2]struct {
			Validity struct{ V2 bool }
		}
		readJSON(t, "testdata/fixtures/"+valid+".info.json", &said[0])
		readJSON(t, "testdata/fixtures/"+invalid+".info.json", &said[1])
		if !said[0].Validity.V2 || said[1].Validity.V2 {
			t.Errorf("%s and %s do not contradict each other", valid, invalid)
		}
	}
}
