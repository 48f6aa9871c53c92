package pmtiles_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/yizhan/yizhan/tiles/cut"
	"github.com/yizhan/yizhan/tiles/mvt"
	"github.com/yizhan/yizhan/tiles/pmtiles"
	"github.com/yizhan/yizhan/tiles/world"
)

var update = flag.Bool("update", false, "write the golden files anew")

func gzipped(t testing.TB, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pointTile is a vector tile with one point, whose name says where it is drawn.
func pointTile(name string) []byte {
	layer := mvt.NewLayer("places", world.Extent)
	layer.AddPoint(7, []mvt.Property{{Key: "name", Value: mvt.String(name)}}, cut.Point{X: 2048, Y: 1024})
	return layer.Append(nil)
}

var smallBBox = [4]float64{117.4, 47.9, 122.8, 49.6}

var smallInfo = pmtiles.Info{
	MinZoom: 2, MaxZoom: 8, Bounds: smallBBox, Center: [3]float64{119.7364, 49.2122, 6},
	Metadata: map[string]any{
		"name": "驿站 small", "attribution": "nobody",
		"vector_layers": []any{map[string]any{"id": "places", "minzoom": 2, "maxzoom": 8, "fields": map[string]string{"name": "String"}}},
	},
}

// writeSmall writes tiles that say their address down to zoom 7, and equal ones at zoom 8.
func writeSmall(t *testing.T, path string, room int) map[world.Tile][]byte {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := pmtiles.NewWriter(file, smallInfo)
	if err != nil {
		t.Fatal(err)
	}
	w.SetRoom(room)
	want := map[world.Tile][]byte{}
	for zoom := smallInfo.MinZoom; zoom <= smallInfo.MaxZoom; zoom++ {
		for at := range pmtiles.Covering(smallBBox, zoom).Tiles() {
			name := fmt.Sprintf("%d/%d/%d", at.Z, at.X, at.Y)
			if zoom == 8 {
				name = "all the same"
			}
			want[at] = gzipped(t, pointTile(name))
			if err := w.Add(at, want[at]); err != nil {
				t.Fatal(err)
			}
		}
	}
	head, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if head.Addressed != uint64(len(want)) || head.Contents >= head.Entries || head.Entries >= head.Addressed {
		t.Errorf("counts: %+v, of %d tiles", head, len(want))
	}
	return want
}

// The golden files are what the npm reader opens in web/src/map/pmtiles.test.ts.
func TestArchive(t *testing.T) {
	for name, room := range map[string]int{"small": 16384 - 127, "leaves": 60} {
		t.Run(name, func(t *testing.T) {
			path, golden := filepath.Join(t.TempDir(), "archive"), filepath.Join("testdata", name+".pmtiles")
			want := writeSmall(t, path, room)
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			before, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(before, got) {
				t.Errorf("%s is not what is written now; look why, then run with -update", golden)
			}
			checkArchive(t, got, want)
			r, err := pmtiles.NewReader(bytes.NewReader(got))
			if err != nil {
				t.Fatal(err)
			}
			if hasLeaves := r.Leaves.Length > 0; hasLeaves != (name == "leaves") {
				t.Errorf("has leaves: %v", hasLeaves)
			}
		})
	}
}

func checkArchive(t *testing.T, archive []byte, want map[world.Tile][]byte) {
	t.Helper()
	r, err := pmtiles.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	if last := r.Header.Metadata.Offset + r.Header.Metadata.Length; last != uint64(len(archive)) {
		t.Errorf("the archive ends at %d of %d bytes", last, len(archive))
	}
	seen := 0
	err = r.Each(func(at world.Tile, data []byte) error {
		if !bytes.Equal(data, want[at]) {
			t.Errorf("%v holds other bytes", at)
		}
		seen++
		return nil
	})
	if err != nil || seen != len(want) {
		t.Errorf("visited %d of %d tiles: %v", seen, len(want), err)
	}
	for at, data := range want {
		if got, err := r.Tile(at); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("tile %v: %d bytes, %v", at, len(got), err)
		}
	}
	for _, none := range []world.Tile{{Z: 0}, {Z: 8}, {Z: 9, X: 400, Y: 100}, {Z: 31, X: 1<<31 - 1}} {
		if got, err := r.Tile(none); err != nil || got != nil {
			t.Errorf("tile %v: %d bytes, %v", none, len(got), err)
		}
	}
}

func TestArchiveDescribesItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive")
	writeSmall(t, path, 16384-127)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pmtiles.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var metadata struct {
		Name   string `json:"name"`
		Layers []struct {
			ID string `json:"id"`
		} `json:"vector_layers"`
	}
	if err := r.Metadata(&metadata); err != nil {
		t.Fatal(err)
	}
	if metadata.Name != "驿站 small" || len(metadata.Layers) != 1 || metadata.Layers[0].ID != "places" {
		t.Errorf("metadata: %+v", metadata)
	}
	if r.Bounds != smallBBox || r.Center != smallInfo.Center || r.MinZoom != 2 || r.MaxZoom != 8 || !r.Clustered {
		t.Errorf("header: %+v", r.Header)
	}
}

// Many distinct tiles take leaves that the root still has room for.
func TestArchiveOfManyTiles(t *testing.T) {
	out := &seekable{}
	w, err := pmtiles.NewWriter(out, pmtiles.Info{MaxZoom: 20})
	if err != nil {
		t.Fatal(err)
	}
	want := map[world.Tile][]byte{}
	for i := range uint64(20_000) {
		// steps and lengths that do not repeat, so that the directories do not compress well
		at := pmtiles.TileOf(1_000_000 + 64*i + i*i%61)
		want[at] = append(binary.BigEndian.AppendUint64([]byte{0x1f, 0x8b}, i), make([]byte, i*i%977)...)
		if err := w.Add(at, want[at]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	checkArchive(t, out.data, want)
}

func TestWriterRefuses(t *testing.T) {
	tile := gzipped(t, pointTile("x"))
	cases := map[string]func(w *pmtiles.Writer) error{
		"not gzipped":  func(w *pmtiles.Writer) error { return w.Add(world.Tile{Z: 3}, pointTile("x")) },
		"not of zooms": func(w *pmtiles.Writer) error { return w.Add(world.Tile{Z: 9}, tile) },
		"with a higher id": func(w *pmtiles.Writer) error {
			return errors.Join(w.Add(world.Tile{Z: 3}, tile), w.Add(world.Tile{Z: 3}, tile))
		},
		"without a tile": func(w *pmtiles.Writer) error { _, err := w.Close(); return err },
	}
	for want, do := range cases {
		w, err := pmtiles.NewWriter(&seekable{}, smallInfo)
		if err != nil {
			t.Fatal(err)
		}
		if err := do(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
	if _, err := pmtiles.NewWriter(&seekable{}, pmtiles.Info{MinZoom: 3, MaxZoom: 2}); err == nil {
		t.Error("zooms 3 to 2 are accepted")
	}
}

// A disk that is full is an error, whenever it fills up.
func TestWriterTellsOfFailure(t *testing.T) {
	for _, room := range []int{0, 10_000, 16_384, 17_000} {
		out := &seekable{room: room, bounded: true}
		w, err := pmtiles.NewWriter(out, smallInfo)
		for at := range pmtiles.Covering(smallBBox, 8).Tiles() {
			if err == nil {
				err = w.Add(at, gzipped(t, bytes.Repeat([]byte(fmt.Sprint(at)), 50)))
			}
		}
		if err == nil {
			_, err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

// FuzzReader gives hostile archives to the reader: it may refuse, but not panic or hang.
func FuzzReader(f *testing.F) {
	for _, name := range []string{"small", "leaves"} {
		seed, err := os.ReadFile(filepath.Join("testdata", name+".pmtiles"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
		f.Add(seed[:127])
	}
	errEnough := errors.New("enough")
	f.Fuzz(func(t *testing.T, archive []byte) {
		r, err := pmtiles.NewReader(bytes.NewReader(archive))
		if err != nil {
			return
		}
		var metadata map[string]any
		_ = r.Metadata(&metadata)
		visited := 0
		_ = r.Each(func(at world.Tile, data []byte) error {
			if visited++; visited > 1000 {
				return errEnough
			}
			if got, err := r.Tile(at); err == nil && !bytes.Equal(got, data) {
				t.Errorf("%v is not the same when it is asked for", at)
			}
			return nil
		})
	})
}

var errFull = errors.New("disk full")

// seekable is a file in memory, of bounded room if that is asked for.
type seekable struct {
	data    []byte
	at      int
	room    int
	bounded bool
}

func (s *seekable) Write(p []byte) (int, error) {
	if s.bounded && s.at+len(p) > s.room {
		return 0, errFull
	}
	if grow := s.at + len(p) - len(s.data); grow > 0 {
		s.data = append(s.data, make([]byte, grow)...)
	}
	copy(s.data[s.at:], p)
	s.at += len(p)
	return len(p), nil
}

func (s *seekable) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	s.at = int(offset)
	return offset, nil
}
