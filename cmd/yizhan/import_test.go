package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

// importRows is how many rows the test of a killed import has; YIZHAN_IMPORT_ROWS asks for more.
const importRows = 24_000

// TestImportIsKilled kills a real process in the middle of an import, at moments that differ: nothing of the file is
// there then, or all of it, and it can be imported again.
func TestImportIsKilled(t *testing.T) {
	rows := importRows
	if text := os.Getenv("YIZHAN_IMPORT_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	program := commandPath(t)
	url := pgtest.DB(t)
	kept, err := store.Open(t.Context(), store.Options{URL: url, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if _, err := kept.Apply(t.Context(), flatCity()); err != nil {
		t.Fatal(err)
	}
	file := rowsFile(t, rows)
	for _, moment := range []string{"checking", "applying 10000", "applying 20000", "applied"} {
		killImport(t, program, url, file, moment)
		t.Logf("killed when %s: %d of %d rows are in", moment, checkNothingOrAll(t, url, rows), rows)
	}
	out, err := exec.Command(program, "import", file, "--database", url, "--commit").CombinedOutput()
	if err != nil {
		t.Fatalf("the import after all: %v\n%s", err, out)
	}
	if have := checkNothingOrAll(t, url, rows); have != rows {
		t.Fatalf("%d stations, want %d", have, rows)
	}
}

// killImport runs an import and kills it when it says that it has come to a moment.
func killImport(t *testing.T, program, url, file, moment string) {
	t.Helper()
	command := exec.Command(program, "import", file, "--database", url, "--commit")
	told, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	reached := false
	for lines := bufio.NewScanner(told); lines.Scan(); {
		if strings.Contains(lines.Text(), moment) {
			reached = true
			break
		}
	}
	if err := command.Process.Kill(); err != nil && moment != "applied" {
		t.Error(err)
	}
	if err := command.Wait(); err == nil && moment != "applied" {
		t.Errorf("the import ended before it was killed at %s", moment)
	}
	if !reached && moment != "applied" {
		t.Errorf("the import never came to %q", moment)
	}
}

// checkNothingOrAll looks at stations and the change log together.
func checkNothingOrAll(t *testing.T, url string, rows int) (have int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var seq, changes int
	if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM stations), (SELECT max(seq) FROM changes), (SELECT count(*) FROM changes)`).Scan(&have, &seq, &changes); err != nil {
		t.Fatal(err)
	}
	if have != 0 && have != rows {
		t.Fatalf("%d of %d stations are there", have, rows)
	}
	if want := flatUnits + have; seq != want || changes != want {
		t.Fatalf("the change log has %d changes up to %d, want %d", changes, seq, want)
	}
	return have
}

const flatUnits = 4

// flatCity is one community without micro-grids.
func flatCity() yizhan.Changeset {
	changeset := yizhan.Changeset{Author: "test", Reason: "a city"}
	for _, u := range []yizhan.Unit{
		{Code: "150700", Level: yizhan.LevelCity, Name: "呼伦贝尔市"}, {Code: "150702", Level: yizhan.LevelBanner, Parent: "150700", Name: "海拉尔区"},
		{Code: "150702001", Level: yizhan.LevelTownship, Parent: "150702", Name: "正阳街道"}, {Code: "150702001001", Level: yizhan.LevelCommunity, Parent: "150702001", Name: "天润社区"},
	} {
		u.Boundary = squareOf(119, 49, 1)
		changeset.Edits = append(changeset.Edits, yizhan.CreateOf(&u))
	}
	return changeset
}

// rowsFile writes stations some 100 m from each other.
func rowsFile(t *testing.T, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprintln(out, "驿站编码,驿站名称,建设单位,地址,经度,纬度,开放时间,服务项目,座位数")
	for n := range rows {
		fmt.Fprintf(out, "IMP-%07d,第%d驿站,银行,某街%d号,%.7f,%.7f,8:30-18:00,饮水;充电,%d\n", n, n, n, 119.0005+float64(n%700)*0.00142, 49.0005+float64(n/700)*0.0006, n%20)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func squareOf(west, south, degrees float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {west + degrees, south}, {west + degrees, south + degrees}, {west, south + degrees}, {west, south}}}}
}
