package pmtiles_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

// The bytes of a tile, as they are in the archive, are a file that GDAL reads. (GDAL opens whole archives
// from 3.8 on, which distributions do not have yet.)
func TestGDALReadsATileOfAnArchive(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "leaves.pmtiles"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive, err := pmtiles.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := archive.Tile(world.Tile{Z: 7, X: 105, Y: 43})
	if err != nil || data == nil {
		t.Fatalf("the tile: %d bytes, %v", len(data), err)
	}
	path := filepath.Join(t.TempDir(), "tile.pbf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ogrinfo", "-ro", "-al", path).CombinedOutput()
	if err != nil {
		t.Fatalf("ogrinfo: %v\n%s", err, out)
	}
	for _, want := range []string{"Layer name: places", "Feature Count: 1", "name (String) = 7/105/43", "POINT (2048 3072)"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("GDAL does not say %q:\n%s", want, out)
		}
	}
}
