package store_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

// Planted values: if either is anywhere but in a revealed contact, something leaks.
var planted = yizhan.Contact{Name: "欧阳绝密", Phone: "13900007531"}

const plantedLeader = west + "00101"

// openSealed gives a store with keys in a file, the fixture, and a planted contact.
func openSealed(t *testing.T) (s *store.Store, url, keyFile string) {
	t.Helper()
	url, keyFile = pgtest.DB(t), filepath.Join(t.TempDir(), "keys")
	s = openWithKeys(t, url, keyFile)
	apply(t, s, creates(fixture()...)...)
	if err := s.SetContact(t.Context(), as(yizhan.RolePlanner, city), plantedLeader, planted); err != nil {
		t.Fatal(err)
	}
	return s, url, keyFile
}

func openWithKeys(t *testing.T, url, keyFile string) *store.Store {
	t.Helper()
	keys, _, err := store.OpenKeyFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{URL: url, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func reveal(t *testing.T, s *store.Store) yizhan.Contact {
	t.Helper()
	contact, err := s.Reveal(t.Context(), as(yizhan.RolePlanner, west), plantedLeader, "a test of what comes back")
	if err != nil {
		t.Fatal(err)
	}
	return contact
}

func TestContacts(t *testing.T) {
	s, _, _ := openSealed(t)
	leaders, masked, err := s.Leaders(t.Context(), as(yizhan.RoleReviewer, west), west+"001")
	if err != nil || len(leaders) != 1 || masked[0] != (yizhan.Contact{Name: "欧**", Phone: "139****7531"}) {
		t.Errorf("%+v %+v %v", leaders, masked, err)
	}
	if got := reveal(t, s); got != planted {
		t.Errorf("%q %q", got.Name, got.Phone)
	}
	entries, err := s.Audit(t.Context(), yizhan.System("test"), 0, 2)
	if err != nil || entries[0].Act != "leaders.reveal" || entries[0].Actor != "anna" || entries[0].Address != "192.0.2.1" ||
		entries[0].Subject != "leaders/"+plantedLeader || entries[0].Detail["reason"] != "a test of what comes back" {
		t.Errorf("%+v, %v", entries, err)
	}
}

// TestContactsByRole tries every role in every region at each thing that can be done with a contact.
func TestContactsByRole(t *testing.T) {
	s, _, _ := openSealed(t)
	for _, role := range append([]yizhan.Role{""}, yizhan.Roles()...) {
		for _, region := range []string{city, banner, township, west, east} {
			var p *yizhan.Principal
			if role != "" {
				p = as(role, region)
			}
			_, _, listing := s.Leaders(t.Context(), p, west+"001")
			_, revealing := s.Reveal(t.Context(), p, plantedLeader, "trying every role")
			for act, err := range map[yizhan.Act]error{
				yizhan.ActReadLeaders: listing, yizhan.ActRevealLeaders: revealing,
				yizhan.ActEditLeaders: s.SetContact(t.Context(), p, plantedLeader, planted),
			} {
				if want := p.May(act, plantedLeader); want != (err == nil) || !want && yizhan.CodeOf(err) != yizhan.CodeForbidden {
					t.Errorf("%q in %s: %s: %v", role, region, act, err)
				}
			}
		}
	}
	for _, reason := range []string{"", "   ", "abc", strings.Repeat("x", 501)} {
		contact, err := s.Reveal(t.Context(), as(yizhan.RoleAdmin, city), plantedLeader, reason)
		checkError(t, err, yizhan.CodeInvalid, "reason")
		if contact != (yizhan.Contact{}) {
			t.Error("it is revealed all the same")
		}
	}
}

func TestKeyRotation(t *testing.T) {
	s, url, keyFile := openSealed(t)
	before := sealedOf(t, url)
	running := openWithKeys(t, url, keyFile) // another process, which does not know of the rotation
	keys, made, err := store.OpenKeyFile(keyFile)
	if err != nil || made {
		t.Fatal(made, err)
	}
	if err := keys.Rotate(); err != nil {
		t.Fatal(err)
	}
	rotating, err := store.Open(t.Context(), store.Options{URL: url, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	defer rotating.Close()
	for round, want := range []int64{1, 0} { // begun again, there is nothing left to do
		if done, err := rotating.Reseal(t.Context(), nil); err != nil || done != want {
			t.Errorf("round %d: %d, %v", round, done, err)
		}
	}
	if bytes.Equal(before, sealedOf(t, url)) {
		t.Error("nothing was sealed anew")
	}
	for name, s := range map[string]*store.Store{"first": s, "running": running, "rotating": rotating} {
		if got := reveal(t, s); got != planted {
			t.Errorf("%s: %q", name, got.Name)
		}
	}
	// Without the old key all of it opens; with only the old one, nothing, and it says nothing of what is inside.
	text, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, opens := range []bool{true, false} {
		one, err := store.ParseKeys(lines[1+i])
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Options{URL: url, Keys: one})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		all, lost, err := s.Sealed(t.Context())
		if err != nil || all != 1 || (lost == 0) != opens {
			t.Errorf("key %d: %d of %d are lost, %v", i, lost, all, err)
		}
		_, err = s.Reveal(t.Context(), as(yizhan.RolePlanner, west), plantedLeader, "with one key only")
		if opens != (err == nil) || !opens && yizhan.CodeOf(err) != yizhan.CodeUnavailable {
			t.Errorf("key %d: %v", i, err)
		}
	}
	info, err := os.Stat(keyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func sealedOf(t *testing.T, url string) (sealed []byte) {
	t.Helper()
	if err := connect(t, url).QueryRow(t.Context(), `SELECT sealed FROM leaders WHERE code = $1`, plantedLeader).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	return sealed
}

// What is sealed belongs to its row, and every bit of it counts.
func TestSealedValuesCannotBeMoved(t *testing.T) {
	s, url, _ := openSealed(t)
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), `UPDATE leaders SET sealed = (SELECT sealed FROM leaders WHERE code = $1) WHERE code = $2`, plantedLeader, west+"00201"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Reveal(t.Context(), as(yizhan.RolePlanner, west), west+"00201", "it was moved here")
	checkError(t, err, yizhan.CodeUnavailable, "")
	sealed := sealedOf(t, url)
	for i := range sealed {
		bent := bytes.Clone(sealed)
		bent[i] ^= 1
		if _, err := conn.Exec(t.Context(), `UPDATE leaders SET sealed = $1 WHERE code = $2`, bent, plantedLeader); err != nil {
			t.Fatal(err)
		}
		if contact, err := s.Reveal(t.Context(), as(yizhan.RolePlanner, west), plantedLeader, "a bit is bent"); err == nil {
			t.Fatalf("byte %d: %q", i, contact.Name)
		}
	}
	for cut := range sealed {
		if _, err := conn.Exec(t.Context(), `UPDATE leaders SET sealed = $1 WHERE code = $2`, sealed[:cut], plantedLeader); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reveal(t.Context(), as(yizhan.RolePlanner, west), plantedLeader, "it is cut short"); err == nil {
			t.Fatalf("cut after %d bytes it opens", cut)
		}
	}
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.OpenKeyFile(open); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("%v", err)
	}
	for _, wrong := range []string{"", "# only a comment", "c2hvcnQ=", "not base64 at all"} {
		if _, err := store.ParseKeys(wrong); err == nil || wrong != "" && strings.Contains(err.Error(), "c2hv") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	keys, err := store.ParseKeys("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Rotate(); err == nil {
		t.Error("keys of the environment cannot be rotated here")
	}
}

// Leaders can be created with contacts; they are sealed at once.
func TestContactsOfAChangeset(t *testing.T) {
	s, url, _ := openSealed(t)
	chief := leader(east+"001", 9)
	changeset := yizhan.Changeset{Author: "test", Edits: creates(chief), Contacts: map[string]yizhan.Contact{chief.Code: planted}}
	if _, err := s.Apply(t.Context(), changeset); err != nil {
		t.Fatal(err)
	}
	got, err := s.Reveal(t.Context(), as(yizhan.RoleAdmin, city), chief.Code, "a test of changesets")
	if err != nil || got != planted {
		t.Errorf("%q %v", got.Name, err)
	}
	chief.Version, chief.Households = 1, 3
	apply(t, s, yizhan.UpdateOf(chief)) // leaves what is sealed
	if got, err := s.Reveal(t.Context(), as(yizhan.RoleAdmin, city), chief.Code, "after an update"); err != nil || got != planted {
		t.Errorf("%q %v", got.Name, err)
	}
	changeset.Contacts = map[string]yizhan.Contact{"nobody": planted}
	changeset.Edits = creates(leader(east+"002", 9))
	_, err = s.Apply(t.Context(), changeset)
	checkError(t, err, yizhan.CodeInvalid, "contacts")
	expectNothingPlanted(t, s, url)
}

// expectNothingPlanted searches the whole database, as text and as bytes, and every change.
func expectNothingPlanted(t *testing.T, s *store.Store, url string) {
	t.Helper()
	conn := connect(t, url)
	rows, err := conn.Query(t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	searched := 0
	for _, table := range tables {
		var dump string
		if err := conn.QueryRow(t.Context(), `SELECT coalesce(string_agg(row_to_json(x)::text, E'\n'), '') FROM "`+table+`" x`).Scan(&dump); err != nil {
			t.Fatal(err)
		}
		searched += len(dump)
		expectNone(t, "table "+table, []byte(dump))
	}
	if len(tables) < 15 || searched < 10_000 {
		t.Errorf("only %d tables and %d bytes were searched", len(tables), searched)
	}
	changes, err := s.Changes(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	expectNone(t, "the changes", text)
}

func expectNone(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, value := range []string{planted.Name, planted.Phone, "绝密", "00007531", `\xe6aca7e998b3e7bb9de5af86`, "e6aca7e998b3e7bb9de5af86", "3133393030303037353331"} {
		if bytes.Contains(text, []byte(value)) {
			t.Errorf("%s holds %q", where, value)
		}
	}
}
