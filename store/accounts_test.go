package store_test

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/store"
)

func hashOf(text string) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] }

func addUser(t *testing.T, s *store.Store, name string, grants ...yizhan.Grant) yizhan.User {
	t.Helper()
	u, err := s.CreateUser(t.Context(), yizhan.System("test"), yizhan.NewUser{Name: name, PasswordHash: "x", Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func principalOf(u yizhan.User) *yizhan.Principal {
	return &yizhan.Principal{User: u, Grants: u.Grants, From: "192.0.2.1"}
}

// TestManagingAccountsStaysInside: who manages a part of the city has a say over accounts of that part only,
// and can give no role outside.
func TestManagingAccountsStaysInside(t *testing.T) {
	s, _ := openFixture(t)
	boss := principalOf(addUser(t, s, "boss", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: west}))
	mayor := addUser(t, s, "mayor", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: city})
	addUser(t, s, "inside", yizhan.Grant{Role: yizhan.RolePlanner, Unit: west})
	addUser(t, s, "outside", yizhan.Grant{Role: yizhan.RolePlanner, Unit: east})
	addUser(t, s, "both", yizhan.Grant{Role: yizhan.RolePlanner, Unit: west}, yizhan.Grant{Role: yizhan.RoleViewer, Unit: east})
	addUser(t, s, "planner", yizhan.Grant{Role: yizhan.RolePlanner, Unit: city})

	here, there := yizhan.Grant{Role: yizhan.RoleViewer, Unit: west}, yizhan.Grant{Role: yizhan.RoleViewer, Unit: east}
	for name, want := range map[string]yizhan.ErrorCode{"inside": "", "outside": yizhan.CodeNotFound, "both": yizhan.CodeNotFound, "mayor": yizhan.CodeNotFound, "nobody": yizhan.CodeNotFound} {
		for act, err := range map[string]error{
			"grant": s.Grant(t.Context(), boss, name, here), "revoke": s.Revoke(t.Context(), boss, name, here),
			"disable": s.SetDisabled(t.Context(), boss, name, true), "reset": s.ResetUser(t.Context(), boss, name, "y"),
		} {
			if want == "" && err != nil || want != "" && yizhan.CodeOf(err) != want {
				t.Errorf("%s %s: %v, want %q", act, name, err, want)
			}
		}
	}
	for _, g := range []yizhan.Grant{there, {Role: yizhan.RoleAdmin, Unit: city}, {Role: yizhan.RoleViewer, Unit: township}} {
		checkError(t, s.Grant(t.Context(), boss, "inside", g), yizhan.CodeForbidden, "unit")
		_, err := s.CreateUser(t.Context(), boss, yizhan.NewUser{Name: "newcomer", Grants: []yizhan.Grant{here, g}})
		checkError(t, err, yizhan.CodeForbidden, "unit")
	}
	users, err := s.Users(t.Context(), boss)
	if err != nil || len(users) != 2 { // himself and inside
		t.Errorf("%+v, %v", users, err)
	}
	if all, err := s.Users(t.Context(), principalOf(mayor)); err != nil || len(all) != 6 {
		t.Errorf("%d, %v", len(all), err)
	}
	if none, err := s.Users(t.Context(), as(yizhan.RolePlanner, city)); err != nil || len(none) != 0 {
		t.Errorf("a planner sees %+v, %v", none, err)
	}
	_, err = s.CreateUser(t.Context(), boss, yizhan.NewUser{Name: "inside", Grants: []yizhan.Grant{here}})
	checkError(t, err, yizhan.CodeConflict, "name")
	checkError(t, s.Grant(t.Context(), yizhan.System("x"), "inside", yizhan.Grant{Role: yizhan.RoleViewer, Unit: "150799"}), yizhan.CodeInvalid, "unit")
}

func TestSessions(t *testing.T) {
	s, url := openFixture(t)
	u := addUser(t, s, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: west})
	start := func(secret, before string) {
		t.Helper()
		if err := s.StartSession(t.Context(), principalOf(u), hashOf(secret), hashOf(before), "password"); err != nil {
			t.Fatal(err)
		}
	}
	is := func(secret string, want bool) {
		t.Helper()
		p, err := s.FindSession(t.Context(), hashOf(secret))
		if want && (err != nil || p.User.Name != "anna" || !p.May(yizhan.ActEditGrids, west) || p.May(yizhan.ActEditGrids, east)) {
			t.Errorf("%s: %+v, %v", secret, p, err)
		}
		if !want && yizhan.CodeOf(err) != yizhan.CodeNotFound {
			t.Errorf("%s: %v, want it ended", secret, err)
		}
	}
	start("one", "")
	start("two", "one") // signing in again changes the secret
	is("one", false)
	is("two", true)
	sql := connect(t, url)
	run := func(statement string) {
		t.Helper()
		if _, err := sql.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`UPDATE sessions SET seen_at = now() - interval '119 minutes'`)
	is("two", true) // and was seen again
	run(`UPDATE sessions SET seen_at = now() - interval '121 minutes'`)
	is("two", false)
	start("three", "")
	run(`UPDATE sessions SET created_at = now() - interval '13 hours', expires_at = now() - interval '1 second'`)
	is("three", false)

	// Whatever changes what an account may do ends its sessions.
	system := yizhan.System("test")
	for _, change := range []struct { // in this order: what is granted can be revoked
		name string
		make func() error
	}{
		{"grant", func() error {
			return s.Grant(t.Context(), system, "anna", yizhan.Grant{Role: yizhan.RoleViewer, Unit: city})
		}},
		{"revoke", func() error {
			return s.Revoke(t.Context(), system, "anna", yizhan.Grant{Role: yizhan.RoleViewer, Unit: city})
		}},
		{"reset", func() error { return s.ResetUser(t.Context(), system, "anna", "y") }},
		{"own", func() error { return s.SetPassword(t.Context(), principalOf(u), "z") }},
	} {
		start(change.name, "")
		is(change.name, true)
		if err := change.make(); err != nil {
			t.Fatal(err)
		}
		is(change.name, false)
	}
	start("four", "")
	if err := s.EndSession(t.Context(), principalOf(u), hashOf("four")); err != nil {
		t.Fatal(err)
	}
	is("four", false)
	start("five", "")
	run(`UPDATE users SET disabled_at = now()`)
	is("five", false)
	if _, err := s.FindSignIn(t.Context(), "anna"); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("a disabled account signs in: %v", err)
	}
}

func TestTokens(t *testing.T) {
	s, url := openFixture(t)
	u := addUser(t, s, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: west})
	p := principalOf(u)
	soon := time.Now().Add(time.Hour)
	token, err := s.CreateToken(t.Context(), p, hashOf("t1"), yizhan.Token{Name: "QGIS", Scopes: []yizhan.Scope{yizhan.ScopeWrite}, ExpiresAt: soon})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.FindToken(t.Context(), hashOf("t1"))
	if err != nil || !found.May(yizhan.ActEditGrids, west) || found.May(yizhan.ActEditGrids, east) || found.May(yizhan.ActRevealLeaders, west) || found.May(yizhan.ActOwnAccount, "") {
		t.Errorf("%+v, %v", found, err)
	}
	for name, wrong := range map[string]yizhan.Token{
		"name": {Scopes: []yizhan.Scope{"read"}, ExpiresAt: soon}, "scopes": {Name: "x", ExpiresAt: soon},
		"expires_at": {Name: "x", Scopes: []yizhan.Scope{"read"}, ExpiresAt: time.Now().Add(2 * yizhan.MaxTokenLife)},
	} {
		_, err := s.CreateToken(t.Context(), p, hashOf(name), wrong)
		checkError(t, err, yizhan.CodeInvalid, name)
	}
	admin := *found
	admin.Scopes = []yizhan.Scope{yizhan.ScopeAdmin}
	_, err = s.CreateToken(t.Context(), &admin, hashOf("t2"), yizhan.Token{Name: "x", Scopes: []yizhan.Scope{"admin"}, ExpiresAt: soon})
	checkError(t, err, yizhan.CodeForbidden, "")
	other := principalOf(addUser(t, s, "other", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: city}))
	checkError(t, s.RevokeToken(t.Context(), other, token.ID), yizhan.CodeNotFound, "id")
	if tokens, err := s.Tokens(t.Context(), p); err != nil || len(tokens) != 1 || tokens[0].LastUsedAt.IsZero() {
		t.Errorf("%+v, %v", tokens, err)
	}
	sql := connect(t, url)
	if _, err := sql.Exec(t.Context(), `UPDATE tokens SET expires_at = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FindToken(t.Context(), hashOf("t1")); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("an old token: %v", err)
	}
	if _, err := sql.Exec(t.Context(), `UPDATE tokens SET expires_at = now() + interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeToken(t.Context(), p, token.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FindToken(t.Context(), hashOf("t1")); yizhan.CodeOf(err) != yizhan.CodeNotFound {
		t.Errorf("a revoked token: %v", err)
	}
}

// Guessing gets ever slower, by name and by address, and as many at once get no further.
func TestSignInFailures(t *testing.T) {
	s, url := openFixture(t)
	var let atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			wait, err := s.BeginSignIn(t.Context(), "anna", fmt.Sprintf("192.0.2.%d", i))
			if err != nil {
				t.Error(err)
			}
			if wait <= 0 {
				let.Add(1)
			}
		})
	}
	all.Wait()
	if n := let.Load(); n < 5 || n > 6 { // the sixth may come a second later on a slow machine
		t.Errorf("%d of 40 at once were let through, want 5", n)
	}
	wait, err := s.BeginSignIn(t.Context(), "anna", "192.0.2.99")
	if err != nil || wait <= 0 || wait > 2*time.Second {
		t.Errorf("%v, %v", wait, err)
	}
	sql := connect(t, url)
	if _, err := sql.Exec(t.Context(), `UPDATE sign_in_failures SET failures = 12`); err != nil {
		t.Fatal(err)
	}
	if wait, err = s.BeginSignIn(t.Context(), "anna", "192.0.2.99"); err != nil || wait < 100*time.Second || wait > 128*time.Second {
		t.Errorf("after 12: %v, %v", wait, err)
	}
	if wait, err = s.BeginSignIn(t.Context(), "berta", "192.0.2.99"); err != nil || wait > 0 { // an address has more tries
		t.Errorf("another name: %v, %v", wait, err)
	}
	if err := s.SignInSucceeded(t.Context(), "anna", "192.0.2.99"); err != nil {
		t.Fatal(err)
	}
	if wait, err = s.BeginSignIn(t.Context(), "anna", "192.0.2.98"); err != nil || wait > 0 {
		t.Errorf("after a success: %v, %v", wait, err)
	}
	for i := range 30 {
		wait, err = s.BeginSignIn(t.Context(), fmt.Sprintf("user-%d", i), "198.51.100.1")
		if err != nil {
			t.Fatal(err)
		}
	}
	if wait <= 0 {
		t.Error("30 names from one address were let through")
	}
}

func TestSecondFactor(t *testing.T) {
	s, _, _ := openSealed(t)
	u := addUser(t, s, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: west})
	p := principalOf(u)
	checkError(t, s.ConfirmTOTP(t.Context(), p, 1, nil), yizhan.CodeConflict, "")
	if err := s.ProposeTOTP(t.Context(), p, []byte("shared")); err != nil {
		t.Fatal(err)
	}
	if err := s.ConfirmTOTP(t.Context(), p, 100, [][]byte{hashOf("r1"), hashOf("r2")}); err != nil {
		t.Fatal(err)
	}
	checkError(t, s.ProposeTOTP(t.Context(), p, []byte("another")), yizhan.CodeConflict, "")
	secret, step, err := s.TOTPSecret(t.Context(), u)
	if err != nil || string(secret) != "shared" || step != 100 {
		t.Errorf("%q %d %v", secret, step, err)
	}
	for _, try := range []struct {
		step  int64
		fresh bool
	}{{100, false}, {99, false}, {101, true}, {101, false}, {102, true}} {
		if fresh, err := s.SpendTOTPStep(t.Context(), u.ID, try.step); err != nil || fresh != try.fresh {
			t.Errorf("step %d: %v, %v", try.step, fresh, err)
		}
	}
	for i, want := range []bool{true, false} {
		if known, err := s.SpendRecoveryCode(t.Context(), u.ID, hashOf("r1")); err != nil || known != want {
			t.Errorf("recovery code, time %d: %v, %v", i, known, err)
		}
	}
	found, err := s.FindSignIn(t.Context(), "anna")
	if err != nil || !found.User.HasTOTP {
		t.Errorf("%+v, %v", found, err)
	}
	if err := s.ResetUser(t.Context(), yizhan.System("test"), "anna", "y"); err != nil {
		t.Fatal(err)
	}
	if secret, _, err := s.TOTPSecret(t.Context(), u); err != nil || secret != nil {
		t.Errorf("after a reset: %q, %v", secret, err)
	}
}
