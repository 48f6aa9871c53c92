package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/demo"
)

// TestGDALCopiesEveryMicroGrid has ogr2ogr copy all micro-grids over OGC API Features while an editor changes
// them: none may be missing, and none there twice.
func TestGDALCopiesEveryMicroGrid(t *testing.T) {
	city, err := demo.Generate(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{T: t, url: demoCity.DB(t), random: rand.New(rand.NewPCG(5, 5))}
	f.store = f.open()
	f.serve(commandPath(t))
	f.awaitReady(f.bases[0])
	var codes []string
	for _, grid := range city.MicroGrids {
		codes = append(codes, grid.Code)
	}
	slices.Sort(codes)

	ctx, stop := context.WithCancel(t.Context())
	var editor sync.WaitGroup
	edits := 0
	editor.Go(func() { edits = f.renameGrids(ctx, codes) })
	begun := time.Now()
	copied := f.ogr2ogr("micro_grids", "-oo", "PAGE_SIZE=2000")
	took := time.Since(begun)
	stop()
	editor.Wait()
	t.Logf("%d micro-grids in %s, under %d edits", len(copied), took.Round(time.Millisecond), edits)
	if edits < 20 {
		t.Errorf("only %d edits were made meanwhile", edits)
	}
	got := slices.Sorted(maps.Keys(copied))
	if !slices.Equal(got, codes) {
		t.Errorf("%d micro-grids were copied, of %d", len(got), len(codes))
	}
	for code, times := range copied {
		if times != 1 {
			t.Errorf("%s was copied %d times", code, times)
		}
	}
	box := f.ogr2ogr("stations", "-spat", "119.6", "49.1", "119.9", "49.3", "-oo", "PAGE_SIZE=100")
	var want []string
	for _, station := range city.Stations {
		if p := station.Location; p[0] >= 119.6 && p[0] <= 119.9 && p[1] >= 49.1 && p[1] <= 49.3 {
			want = append(want, station.Code)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(box)); !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("%d stations in the box, of %d", len(got), len(want))
	}
	named := f.ogr2ogr("units", "-where", "level = 'banner'", "-oo", "PAGE_SIZE=500")
	if len(named) != 14 {
		t.Errorf("%d banners", len(named))
	}
	t.Run("OWSLib", f.owslib)
}

// owslibScript asks as OWSLib of Debian does: what there is, by box and by CQL2, and what the OpenAPI document in
// version 3.0 says.
const owslibScript = `
import sys
from owslib.ogcapi.features import Features
api = Features(sys.argv[1])
assert sorted(api.feature_collections()) == ['friendly_scenes', 'micro_grids', 'stations', 'units'], api.feature_collections()
assert 'http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core' in api.conformance()['conformsTo']
assert 'capacity' in api.collection_queryables('stations')['properties']
assert api.collection('stations')['storageCrs'].endswith('CRS84')
banners = api.collection_items('units', limit=100, filter="level = 'banner'")
assert banners['numberReturned'] == 14, banners['numberReturned']
near = api.collection_items('stations', bbox=[119.6, 49.1, 119.9, 49.3], limit=1000)
assert 0 < near['numberReturned'] < 550, near['numberReturned']
one = api.collection_item('stations', near['features'][0]['id'])
assert one['properties'] == near['features'][0]['properties']
document = api.api()
assert document['openapi'] == '3.0.3' and '/api/collections/stations/items' in document['paths'], document['openapi']
print(near['numberReturned'])
`

func (f *fleet) owslib(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", owslibScript, f.bases[0]+"/api/").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.TrimSpace(string(out)) == "0" {
		t.Errorf("OWSLib says %s", out)
	}
}

// renameGrids changes micro-grids all over the city until ctx ends, and tells how many times.
func (f *fleet) renameGrids(ctx context.Context, codes []string) (edits int) {
	for ctx.Err() == nil {
		ref := yizhan.Ref{Collection: yizhan.MicroGrids, Code: codes[f.random.IntN(len(codes))]}
		found, err := f.store.FindOne(ctx, ref)
		if err != nil {
			break
		}
		grid := *found.(*yizhan.MicroGrid)
		grid.Name = fmt.Sprintf("第%d次", edits)
		if _, err := f.store.Apply(ctx, yizhan.Changeset{Author: "editor", Reason: "while it is copied", Edits: []yizhan.Edit{yizhan.UpdateOf(&grid)}}); err != nil {
			break
		}
		edits++
	}
	if ctx.Err() == nil {
		f.Error("the editor stopped early")
	}
	return edits
}

// ogr2ogr copies a collection and counts each code.
func (f *fleet) ogr2ogr(collection string, arguments ...string) map[string]int {
	f.Helper()
	path := filepath.Join(f.TempDir(), collection+".geojsonl")
	command := exec.CommandContext(f.Context(), "ogr2ogr", append([]string{"-f", "GeoJSONSeq", "-mapFieldType", "DateTime=String", path, "OAPIF:" + f.bases[0] + "/api/", collection}, arguments...)...)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		f.Fatalf("ogr2ogr %s: %v\n%s", strings.Join(arguments, " "), err, said.String())
	}
	if said.Len() > 0 {
		f.Errorf("ogr2ogr says: %s", said.String())
	}
	file, err := os.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	seen := map[string]int{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var feature struct {
			Geometry   *struct{ Type string }
			Properties struct{ Code string }
		}
		if err := json.Unmarshal(lines.Bytes(), &feature); err != nil || feature.Geometry == nil && collection != "units" {
			f.Fatalf("%v in %.300s", err, lines.Text())
		}
		seen[feature.Properties.Code]++
	}
	if err := lines.Err(); err != nil {
		f.Fatal(err)
	}
	return seen
}
