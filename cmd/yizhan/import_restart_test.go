package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

// office imports over HTTP from a server that is killed again and again, on one data folder.
type office struct {
	*testing.T
	url, data, token string
	store            *store.Store
	server           *server
	address          string // of the import
	broken           int    // commits that were broken off
}

// importState is what of an import is looked at here.
type importState struct {
	ID, State string
	Received  int64
	Begins    string `json:"received_sha256"`
	Broken    bool
	Changeset *int64
	Reverted  *int64
	Error     *struct{ Detail string }
	Settings  *struct {
		Datum   string
		Settled []struct{ Row int64 }
	}
	Summary *struct {
		Created   int64
		CanCommit bool `json:"can_commit"`
	}
}

// TestImportsOutliveARestart kills the server with kill -9 while a file is sent, after it was set up, and in the middle of
// its commit at moments that differ. The next server goes on where the one before was, and says truly whether the
// commit went in.
func TestImportsOutliveARestart(t *testing.T) {
	const rows = 12_000
	o := &office{T: t, url: pgtest.DB(t), data: t.TempDir()}
	var err error
	if o.store, err = store.Open(t.Context(), store.Options{URL: o.url, MaxConns: 2}); err != nil {
		t.Fatal(err)
	}
	defer o.store.Close()
	if _, err := o.store.Apply(t.Context(), flatCity()); err != nil {
		t.Fatal(err)
	}
	o.signUp()
	content, err := os.ReadFile(rowsFile(t, rows))
	if err != nil {
		t.Fatal(err)
	}

	o.restart()
	var begun importState
	o.ask("POST", "/api/imports", fmt.Appendf(nil, `{"name":"rows.csv","bytes":%d}`, len(content)), &begun)
	o.address = "/api/imports/" + begun.ID
	half := len(content) / 2
	o.ask("PUT", o.address+"/file?offset=0", content[:half], nil)
	o.restart()
	if now := o.settled(); now.State != "uploading" || now.Received != int64(half) || now.Begins != fmt.Sprintf("%x", sha256.Sum256(content[:half])) {
		t.Fatalf("half a file is %+v", now)
	}
	o.ask("PUT", fmt.Sprintf("%s/file?offset=%d", o.address, half), content[half:], nil)
	if now := o.settled(); now.State != "inspected" {
		t.Fatalf("%+v", now)
	}
	o.ask("PUT", o.address+"/settings", []byte(`{"collection":"stations","datum":"cgcs2000","settled":[{"row":2}]}`), nil)

	o.restart()
	if now := o.settled(); now.State != "inspected" || now.Settings.Datum != "cgcs2000" || len(now.Settings.Settled) != 1 || now.Summary != nil {
		t.Fatalf("what was said is lost: %+v", now)
	}
	for _, moment := range []time.Duration{0, 150 * time.Millisecond, 600 * time.Millisecond, time.Minute} {
		if o.commitAndKill(moment, rows-1) {
			break
		}
	}
	if o.broken == 0 {
		t.Error("no commit was broken off")
	}
	now := o.settled()
	if now.State != "committed" || now.Changeset == nil {
		t.Fatalf("%+v", now)
	}
	o.ask("POST", o.address+"/revert", nil, nil)
	if now = o.settled(); now.State != "reverted" || o.stations() != 0 {
		t.Fatalf("%+v, %d stations", now, o.stations())
	}
	o.restart()
	if now = o.settled(); now.State != "reverted" || now.Reverted == nil {
		t.Errorf("%+v", now)
	}
}

// commitAndKill checks, commits and kills the server a moment later. It tells whether the commit went in, as the next
// server says, and holds that against the database.
func (o *office) commitAndKill(after time.Duration, rows int) bool {
	o.Helper()
	o.ask("POST", o.address+"/check", nil, nil)
	if now := o.settled(); now.State != "checked" || now.Broken || !now.Summary.CanCommit || now.Summary.Created != int64(rows) {
		o.Fatalf("%+v %+v", now, now.Summary)
	}
	o.ask("POST", o.address+"/commit", []byte(`{"reason":"三月核实"}`), nil)
	if after < time.Minute {
		time.Sleep(after)
	} else if now := o.settled(); now.State != "committed" {
		o.Fatalf("%+v", now)
	}
	o.restart()
	now := o.settled()
	have := o.stations()
	went := now.Changeset != nil
	o.Logf("killed after %v: %s, changeset %v, broken off %v, %d stations", after, now.State, went, now.Broken, have)
	switch {
	case went && (have != rows || now.State != "committed" || now.Broken):
		o.Fatalf("committed, it says, with %d of %d stations: %+v", have, rows, now)
	case !went && (have != 0 || now.State != "inspected"):
		o.Fatalf("not committed, it says, with %d of %d stations: %+v", have, rows, now)
	}
	if now.Broken { // unless it was killed before it began
		o.broken++
	}
	return went
}

func (o *office) stations() int {
	city, err := o.store.Snapshot(o.Context())
	if err != nil {
		o.Fatal(err)
	}
	return len(city.Stations)
}

// restart kills the server and starts another.
func (o *office) restart() {
	o.Helper()
	if o.server != nil {
		o.server.stop(o.T, syscall.SIGKILL)
	}
	o.server = start(o.T, commandPath(o.T), o.data, "--database", o.url, "--rate-limit", "0", "--account-rate", "0")
	(&fleet{T: o.T}).awaitReady(o.server.base)
}

func (o *office) signUp() {
	user, err := o.store.CreateUser(o.Context(), yizhan.System("test"), yizhan.NewUser{Name: "an.na", DisplayName: "安娜", Grants: []yizhan.Grant{{Role: yizhan.RolePlanner, Unit: "150700"}}})
	if err != nil {
		o.Fatal(err)
	}
	o.token = auth.TokenPrefix + auth.NewSecret()
	_, err = o.store.CreateToken(o.Context(), &yizhan.Principal{User: user, Grants: user.Grants}, auth.HashSecret(o.token),
		yizhan.Token{Name: "the day", Scopes: []yizhan.Scope{yizhan.ScopeRead, yizhan.ScopeWrite}, ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		o.Fatal(err)
	}
}

// settled waits until nothing is being done with the import.
func (o *office) settled() importState {
	o.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var now importState
		o.ask("GET", o.address, nil, &now)
		if !strings.HasSuffix(now.State, "ing") && now.State != "uploaded" || now.State == "uploading" {
			return now
		}
		if time.Now().After(deadline) {
			o.Fatalf("still %s", now.State)
		}
	}
}

func (o *office) ask(method, path string, body []byte, into any) {
	o.Helper()
	request, err := http.NewRequestWithContext(o.Context(), method, o.server.base+path, bytes.NewReader(body))
	if err != nil {
		o.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	request.Header.Set("Content-Type", "application/json")
	if strings.Contains(path, "/file?") {
		request.Header.Set("Content-Type", "application/octet-stream")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= 300 {
		o.Fatalf("%s %s: %d %s %v", method, path, response.StatusCode, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			o.Fatal(err)
		}
	}
}
