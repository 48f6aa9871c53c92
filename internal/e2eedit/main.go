// Command e2eedit moves a station, for browser journeys that watch an edit arrive. There is no way to edit
// over HTTP yet; what it does goes through store.Apply like every edit.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

// outcome is what a journey reads.
type outcome struct {
	Seq         int64      `json:"seq"`
	Was         [2]float64 `json:"was"`
	Is          [2]float64 `json:"is"`
	CommittedAt int64      `json:"committed_at"` // Unix milliseconds
}

func main() {
	data := flag.String("data", "", "data `folder` of a running server with its own database; else DATABASE_URL")
	station := flag.String("station", "", "`code` of the station to move")
	east := flag.Float64("east", 0.002, "by how many `degrees` to move it")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	done, err := run(ctx, *data, *station, *east)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2eedit:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
		os.Exit(1)
	}
}

func run(ctx context.Context, data, code string, east float64) (outcome, error) {
	address := os.Getenv("DATABASE_URL")
	if data != "" {
		var err error
		if address, err = socketURL(data); err != nil {
			return outcome{}, err
		}
	}
	opened, err := store.Open(ctx, store.Options{URL: address})
	if err != nil {
		return outcome{}, err
	}
	defer opened.Close()
	found, err := opened.FindOne(ctx, yizhan.Ref{Collection: yizhan.Stations, Code: code})
	if err != nil {
		return outcome{}, err
	}
	station, ok := found.(*yizhan.Station)
	if !ok {
		return outcome{}, fmt.Errorf("%s is a %T", code, found)
	}
	moved := *station
	moved.Location[0] += east
	moved.Location = yizhan.SnapPoint(moved.Location)
	applied, err := opened.Apply(ctx, yizhan.Changeset{Author: "e2eedit", Reason: "a browser journey", Edits: []yizhan.Edit{yizhan.UpdateOf(&moved)}})
	if err != nil {
		return outcome{}, err
	}
	return outcome{Seq: applied.LastSeq, Was: station.Location, Is: moved.Location, CommittedAt: time.Now().UnixMilli()}, nil
}

// socketURL finds the database of a server by the file in which PostgreSQL says where its socket is.
func socketURL(data string) (string, error) {
	files, err := filepath.Glob(filepath.Join(data, "postgres", "*", "postmaster.pid"))
	if err != nil || len(files) != 1 {
		return "", errors.Join(fmt.Errorf("no running database below %s", data), err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	var lines []string
	for text := bufio.NewScanner(file); text.Scan(); {
		lines = append(lines, text.Text())
	}
	const portLine, socketLine = 3, 4
	if len(lines) <= socketLine {
		return "", fmt.Errorf("%s is not complete", files[0])
	}
	u := url.URL{Scheme: "postgres", User: url.User("yizhan"), Path: "/yizhan"}
	u.RawQuery = url.Values{"host": {lines[socketLine]}, "port": {lines[portLine]}, "sslmode": {"disable"}}.Encode()
	return u.String(), nil
}
