package gdal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/yizhan/yizhan"
)

// The limits of a child.
const (
	maxTime     = 10 * time.Minute
	maxCPU      = "600"        // seconds
	maxMemory   = "4294967296" // bytes of addresses
	maxWritten  = "268435456"  // bytes of a file: an index that is made again
	maxOpen     = "128"
	maxOutput   = 4 << 30 // bytes
	maxComplain = 4 << 10
)

// drivers are those that may be used, for reading, by format.
var drivers = map[string]string{
	"shapefile": "ESRI Shapefile", "gpkg": "GPKG", "kml": "LIBKML", "flatgeobuf": "FlatGeobuf", "filegdb": "OpenFileGDB", "mapinfo": "MapInfo File", "dxf": "DXF", osm: "OSM",
}

// skipped lists every driver of this GDAL but those that may be used; found out once.
var skipped = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("ogrinfo", "--formats").Output()
	if err != nil {
		return "", fmt.Errorf("list the drivers of GDAL: %w", err)
	}
	allowed := map[string]bool{"GeoJSONSeq": true}
	for _, name := range drivers {
		allowed[name] = true
	}
	var others []string
	for line := range strings.Lines(string(out)) {
		name, _, found := strings.Cut(strings.TrimSpace(line), " -")
		if found && !allowed[name] {
			others = append(others, name)
		}
	}
	return strings.Join(others, ","), nil
})

// run runs a tool of GDAL and hands its output to read. folder is where it may write.
func run(ctx context.Context, folder string, read func(io.Reader) error, tool string, arguments ...string) error {
	others, err := skipped()
	if err != nil {
		return &yizhan.Error{Code: yizhan.CodeUnavailable, Field: "file", Message: "the server cannot read files of this kind: GDAL is not installed", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	limited := append([]string{"--as=" + maxMemory, "--cpu=" + maxCPU, "--fsize=" + maxWritten, "--nofile=" + maxOpen, "--core=0", "--", tool}, arguments...)
	command := exec.CommandContext(ctx, "prlimit", limited...)
	command.Dir = folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TMPDIR=" + folder, "HOME=" + folder, "OGR_SKIP=" + others,
		"OSM_CONFIG_FILE=" + folder + "/" + osmConfig, "CPL_TMPDIR=" + folder, "PROJ_NETWORK=OFF", "GDAL_PAM_ENABLED=NO", "SHAPE_RESTORE_SHX=YES", "GDAL_NUM_THREADS=1", "OGR_INTERLEAVED_READING=NO"}
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	complaints := &clipped{left: maxComplain}
	command.Stderr = complaints
	out, err := command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("run %s: %w", tool, err)
	}
	var readErr error
	err = onOneThread(func() error {
		if err := command.Start(); err != nil {
			return err
		}
		readErr = read(&bounded{from: out, left: maxOutput})
		if readErr != nil {
			cancel()
		}
		return command.Wait()
	})
	switch {
	case readErr != nil && !errors.Is(readErr, io.ErrUnexpectedEOF):
		return readErr
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return refused(folder, complaints.String(), err)
	}
	return nil
}

// onOneThread keeps the thread that starts the child: the child gets its signal when that thread ends, not the
// process.
func onOneThread(do func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- do()
	}()
	return <-done
}

// refused says what GDAL complained about, without our paths.
func refused(folder, complaint string, err error) error {
	var first string
	for line := range strings.Lines(complaint) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "Warning") {
			first = line
			break
		}
	}
	first = strings.ReplaceAll(strings.ReplaceAll(first, folder+"/", ""), folder, "")
	if len(first) > 200 {
		first = first[:200]
	}
	if first == "" {
		first = "it took too much time or memory, or is damaged"
	}
	return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: "cannot be read: " + strings.ToValidUTF8(first, "�"), Err: err}
}

// clipped keeps the beginning of what is written to it.
type clipped struct {
	bytes.Buffer
	left int
}

func (c *clipped) Write(p []byte) (int, error) {
	keep := p[:min(len(p), c.left)]
	c.left -= len(keep)
	c.Buffer.Write(keep) // never fails
	return len(p), nil
}

// bounded ends with an error when more comes than may.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, yizhan.Errorf(yizhan.CodeTooLarge, "file", "holds more than %d GB", int64(maxOutput>>30))
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
