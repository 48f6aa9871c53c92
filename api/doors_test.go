package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/importers/figures"
	"github.com/yizhan/yizhan/internal/pgtest"
	"github.com/yizhan/yizhan/store"
)

const (
	herePlace  = "150702001001"
	hereGrid   = herePlace + "001"
	hereLeader = hereGrid + "01"
	therePlace = "150702001002"
	password   = "a good one indeed"
)

// doors is a stage with real accounts in a real database.
type doors struct {
	*stage
	kept   *store.Store
	cookie string // of the session that asks
	csrf   string
}

// newDoors has two communities of one micro-grid each, with a leader in each.
func newDoors(t *testing.T, bend ...func(*stage)) *doors {
	t.Helper()
	keys, _, err := store.OpenKeyFile(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := store.Open(t.Context(), store.Options{URL: pgtest.DB(t), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kept.Close)
	if _, err := kept.Apply(t.Context(), yizhan.Changeset{Author: "test", Edits: doorsFixture()}); err != nil {
		t.Fatal(err)
	}
	w := newStage(t, append([]func(*stage){func(w *stage) {
		w.options.Accounts, w.options.Planning, w.options.Reports, w.store.Editor, w.options.Now = kept, kept, kept, kept, time.Now
		w.options.Layers, w.options.Tables = kept, figures.Reader{}
	}}, bend...)...)
	return &doors{stage: w, kept: kept}
}

func doorsFixture() (edits []yizhan.Edit) {
	box := func(west, east float64) orb.MultiPolygon {
		ring := orb.Ring{{west, 49.2}, {119.75, 49.2}, {east, 49.2}, {east, 49.3}, {119.75, 49.3}, {west, 49.3}, {west, 49.2}}
		if west == 119.75 || east == 119.75 {
			ring = orb.Ring{{west, 49.2}, {east, 49.2}, {east, 49.3}, {west, 49.3}, {west, 49.2}}
		}
		return orb.MultiPolygon{{ring}}
	}
	add := func(f yizhan.Feature) { edits = append(edits, yizhan.CreateOf(f)) }
	for i, code := range []string{"150700", "150702", "150702001"} {
		u := &yizhan.Unit{Code: code, Level: yizhan.Levels()[i], Name: code, Boundary: box(119.7, 119.8)}
		if i > 0 {
			u.Parent = []string{"", "150700", "150702"}[i]
		}
		add(u)
	}
	for i, code := range []string{herePlace, therePlace} {
		west := 119.7 + 0.05*float64(i)
		shape := box(yizhan.SnapPoint(orb.Point{west, 0})[0], yizhan.SnapPoint(orb.Point{west + 0.05, 0})[0])
		add(&yizhan.Unit{Code: code, Level: yizhan.LevelCommunity, Parent: "150702001", Name: code, Boundary: shape})
		add(&yizhan.MicroGrid{Code: code + "001", Community: code, Name: "网格", Households: 29, Zone: yizhan.ZoneCore, Status: yizhan.GridPublished, Boundary: shape})
		add(&yizhan.Leader{Code: code + "00101", MicroGrid: code + "001", Role: yizhan.RoleUnitLeader, Households: 29, Selected: "elected"})
	}
	return edits
}

// user makes an account with a password.
func (d *doors) user(t *testing.T, name string, grants ...yizhan.Grant) yizhan.User {
	t.Helper()
	hash, err := d.server.passwords.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	u, err := d.kept.CreateUser(t.Context(), yizhan.System("test"), yizhan.NewUser{Name: name, PasswordHash: hash, Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// be begins a session without the trouble of a password.
func (d *doors) be(t *testing.T, u yizhan.User) {
	t.Helper()
	secret := auth.NewSecret()
	if err := d.kept.StartSession(t.Context(), &yizhan.Principal{User: u}, auth.HashSecret(secret), nil, "test"); err != nil {
		t.Fatal(err)
	}
	d.cookie, d.csrf = d.server.cookieName()+"="+secret, auth.CSRFToken(secret)
}

// send asks as a page of ours would, with a JSON body if there is one. Headers given replace those.
func (d *doors) send(t *testing.T, method, target, body string, headers ...string) answer {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	request := httptest.NewRequest(method, target, content)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if d.cookie != "" {
		request.Header.Set("Cookie", d.cookie)
		request.Header.Set("X-CSRF-Token", d.csrf)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if request.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			request.Header.Del(headers[i])
		}
	}
	response, err := d.server.Test(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{response.StatusCode, response.Header, text}
	d.checkAlways(t, method, target, a)
	return a
}

// login signs in and keeps the session.
func (d *doors) login(t *testing.T, body string, headers ...string) answer {
	t.Helper()
	a := d.send(t, "POST", "/api/auth/login", body, headers...)
	if a.status == http.StatusOK {
		var report SessionReport
		if err := json.Unmarshal(a.body, &report); err != nil {
			t.Fatal(err)
		}
		d.cookie, _, _ = strings.Cut(a.header.Get("Set-Cookie"), ";")
		d.csrf = report.CSRF
	}
	return a
}

func expect(t *testing.T, a answer, status int, code string) {
	t.Helper()
	if a.status != status || code != "" && !strings.Contains(string(a.body), `"code":"`+code+`"`) {
		t.Errorf("status %d, want %d %s: %.300s", a.status, status, code, a.body)
	}
}

func credentials(name, password, code string) string {
	text, _ := json.Marshal(LoginBody{name, password, code}) // of strings
	return string(text)
}

// fill puts codes into the address of a route: those of a place.
func fill(method, path, place string) string {
	switch method + " " + path {
	case "POST /api/leaders":
		return path
	case "DELETE /api/leaders/:code":
		return "/api/leaders/" + place + "00101?version=99"
	}
	path = strings.NewReplacer(":code", place+"00101", ":c", "stations", ":name", "nobody", ":id", "999999").Replace(path)
	switch path {
	case "/api/leaders":
		return path + "?micro_grid=" + place + "001"
	case "/api/users/nobody/grants":
		return path + "?role=viewer&unit=" + place
	}
	return path
}

// TestRoutesByRole asks every route that not everybody may call, as every role in every region, about a
// place inside and one outside.
func TestRoutesByRole(t *testing.T) {
	d := newDoors(t)
	asked := 0
	for _, role := range append([]yizhan.Role{""}, yizhan.Roles()...) {
		for _, region := range []string{"150700", "150702", "150702001", herePlace} {
			var u yizhan.User
			p := (*yizhan.Principal)(nil)
			if role != "" {
				u = d.user(t, fmt.Sprintf("%s-%s", role, region), yizhan.Grant{Role: role, Unit: region})
				p = &yizhan.Principal{User: u, Grants: u.Grants}
			}
			for _, route := range d.server.app.GetRoutes(true) {
				act, _ := actOf(route.Method, route.Path)
				if route.Method == "HEAD" || act.Public() {
					continue
				}
				for _, place := range []string{herePlace, therePlace} {
					if d.cookie, d.csrf = "", ""; role != "" {
						d.be(t, u)
					}
					body := ""
					switch route.Method {
					case "POST", "PUT", "PATCH":
						body = "{}"
						switch {
						case route.Method == "POST" && route.Path == "/api/leaders":
							body = `{"micro_grid":"` + place + `001","role":"grid_member","households":0,"selected":"appointed"}`
						case route.Method == "PUT" && route.Path == "/api/leaders/:code":
							body = `{"version":99,"role":"grid_member","households":0,"selected":"appointed"}`
						case strings.HasPrefix(route.Path, "/api/leaders/"):
							body = `{"reason":"asking as every role"}`
						}
						if strings.HasSuffix(route.Path, "/contact") {
							body = `{"name":"王","phone":""}`
						}
					}
					where := ""
					if strings.HasPrefix(route.Path, "/api/leaders") {
						where = place + "00101"
					}
					a := d.send(t, route.Method, fill(route.Method, route.Path, place), body)
					asked++
					switch may := p.May(act, where); {
					case p == nil && a.status != http.StatusUnauthorized, p != nil && !may && a.status != http.StatusForbidden:
						t.Errorf("%q in %s: %s %s about %s: status %d, want it refused: %.200s", role, region, route.Method, route.Path, place, a.status, a.body)
					case may && route.Path == "/api/audit" && region != "150700":
						expect(t, a, http.StatusForbidden, "forbidden") // it is of the whole city
					case may && (a.status >= 500 || strings.Contains(string(a.body), `"code":"unauthenticated"`) || strings.Contains(string(a.body), `"code":"forbidden"`)):
						t.Errorf("%q in %s: %s %s about %s: status %d: %.200s", role, region, route.Method, route.Path, place, a.status, a.body)
					}
				}
			}
		}
	}
	if asked < 500 {
		t.Errorf("only %d requests were made", asked)
	}
}

func TestSignIn(t *testing.T) {
	d := newDoors(t)
	d.user(t, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: herePlace})
	guest := d.send(t, "GET", "/api/auth/me", "")
	expect(t, guest, 200, "")
	if string(guest.body) != `{"signed_in":false,"may":[],"oidc":false}` {
		t.Errorf("%s", guest.body)
	}
	a := d.login(t, credentials(" Anna ", password, ""))
	expect(t, a, 200, "")
	set := a.header.Get("Set-Cookie")
	for _, part := range []string{"yizhan-session=", "HttpOnly", "SameSite=Lax", "path=/", "max-age=43200"} {
		if !strings.Contains(set, part) {
			t.Errorf("the cookie %q has no %s", set, part)
		}
	}
	if strings.Contains(set, "secure") || a.header.Get("Cache-Control") != "no-store" || a.header.Get("ETag") != "" {
		t.Errorf("%v", a.header)
	}
	first := d.cookie
	expect(t, d.send(t, "GET", "/api/auth/me", ""), 200, "")
	expect(t, d.login(t, credentials("anna", password, "")), 200, "")
	if d.cookie == first {
		t.Error("the secret is the same after signing in again")
	}
	second := d.cookie
	d.cookie = first
	if a := d.send(t, "GET", "/api/auth/me", ""); !strings.Contains(string(a.body), `"signed_in":false`) {
		t.Errorf("the first session goes on: %s", a.body)
	}
	d.cookie = second
	expect(t, d.send(t, "POST", "/api/auth/logout", ""), 204, "")
	expect(t, d.send(t, "POST", "/api/auth/logout", ""), 401, "unauthenticated")
}

func TestSignInIsRefused(t *testing.T) {
	d := newDoors(t)
	d.user(t, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: herePlace})
	wrong, unknown := d.login(t, credentials("anna", "x", "")), d.login(t, credentials("nobody", "x", ""))
	expect(t, wrong, 401, "wrong_credentials")
	instance := func(a answer) string { return a.header.Get("X-Request-Id") }
	if got, want := strings.Replace(string(unknown.body), instance(unknown), "", 1), strings.Replace(string(wrong.body), instance(wrong), "", 1); got != want {
		t.Errorf("the answers tell accounts apart:\n%s\n%s", got, want)
	}
	for _, name := range []string{"anna", "nobody"} {
		var last answer
		for range 12 { // on a slow machine the first pauses are over before the next attempt
			if last = d.login(t, credentials(name, "x", "")); last.status == 429 {
				break
			}
		}
		expect(t, last, 429, "too_many_requests")
		if last.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		expect(t, d.login(t, credentials(name, password, "")), 429, "too_many_requests") // even if it is right
	}
	for body, status := range map[string]int{
		`{"name":"anna"}`: 400, `{"name":"anna","password":"x","admin":true}`: 400, `{"name":"anna","password":"x"`: 400, `[]`: 400,
		`{"name":"anna","name":"b","password":"x"}`: 400, `{"name":7,"password":"x"}`: 400, credentials("anna", strings.Repeat("x", 2000), ""): 400,
	} {
		if a := d.login(t, body); a.status != status || bytes.Contains(a.body, []byte("anna")) {
			t.Errorf("%.60s: %d %s", body, a.status, a.body)
		}
	}
	expect(t, d.login(t, credentials("a", "b", ""), "Content-Type", "text/plain"), 415, "unsupported_media_type")
	expect(t, d.login(t, credentials("a", "b", ""), "Content-Type", ""), 415, "unsupported_media_type")
	if strings.Contains(d.logs.String(), password) {
		t.Error("the log has a password")
	}
}

// A page of another site cannot do anything in the name of whoever looks at it.
func TestCrossSiteRequests(t *testing.T) {
	d := newDoors(t)
	u := d.user(t, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: herePlace})
	d.be(t, u)
	reveal := "/api/leaders/" + hereLeader + "/reveal"
	for name, headers := range map[string][]string{
		"no token":       {"X-CSRF-Token", ""},
		"another token":  {"X-CSRF-Token", auth.CSRFToken("x")},
		"another site":   {"Sec-Fetch-Site", "cross-site"},
		"a sibling":      {"Sec-Fetch-Site", "same-site"},
		"another origin": {"Origin", "https://evil.example"},
		"no origin":      {"Origin", "null"},
	} {
		if a := d.send(t, "POST", reveal, `{"reason":"from elsewhere"}`, headers...); a.status != 403 || !strings.Contains(string(a.body), "cross_site") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if name == "no token" || name == "another token" {
			continue
		}
		if a := d.login(t, credentials("anna", password, ""), headers...); a.status != 403 { // nor sign somebody in
			t.Errorf("%s: signing in: %d %s", name, a.status, a.body)
		}
	}
	for name, headers := range map[string][]string{"a program": nil, "our page": {"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}} {
		if a := d.send(t, "POST", reveal, `{"reason":"from our own page"}`, headers...); a.status != 200 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestSecureCookies(t *testing.T) {
	d := newDoors(t, func(w *stage) { w.options.BaseURL = "https://maps.example.org" })
	d.user(t, "anna", yizhan.Grant{Role: yizhan.RoleViewer, Unit: herePlace})
	a := d.login(t, credentials("anna", password, ""), "Origin", "https://maps.example.org")
	if set := a.header.Get("Set-Cookie"); !strings.HasPrefix(set, "__Host-yizhan-session=") || !strings.Contains(set, "secure") {
		t.Errorf("%q: %s", set, a.body)
	}
	expect(t, d.send(t, "POST", "/api/auth/logout", "", "Origin", "http://maps.example.org"), 403, "cross_site")
	expect(t, d.send(t, "POST", "/api/auth/logout", "", "Origin", "https://maps.example.org"), 204, "")
}

func TestTokensOverHTTP(t *testing.T) {
	d := newDoors(t)
	d.be(t, d.user(t, "anna", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: "150700"}))
	make := func(scope string) NewTokenReport {
		t.Helper()
		a := d.send(t, "POST", "/api/auth/tokens", fmt.Sprintf(`{"name":"QGIS","scopes":[%q],"expires_at":%q}`, scope, time.Now().Add(time.Hour).Format(time.RFC3339)))
		expect(t, a, 201, "")
		var made NewTokenReport
		if err := json.Unmarshal(a.body, &made); err != nil || !strings.HasPrefix(made.Token, "yz_") {
			t.Fatalf("%s %v", a.body, err)
		}
		return made
	}
	read, personal := make("read"), make("personal")
	if list := d.send(t, "GET", "/api/auth/tokens", ""); bytes.Contains(list.body, []byte(read.Token)) || !bytes.Contains(list.body, []byte("QGIS")) {
		t.Errorf("%s", list.body)
	}
	expect(t, d.send(t, "POST", "/api/auth/tokens", `{"name":"x","scopes":["king"],"expires_at":"2026-01-01T00:00:00Z"}`), 400, "invalid_parameter")
	session := d.cookie
	d.cookie = ""
	leaders := "/api/leaders?micro_grid=" + hereGrid
	expect(t, d.send(t, "GET", leaders, "", "Authorization", "Bearer "+personal.Token), 200, "")
	expect(t, d.send(t, "GET", leaders, "", "Authorization", "Bearer "+read.Token), 403, "forbidden")
	expect(t, d.send(t, "GET", "/api/users", "", "Authorization", "Bearer "+personal.Token), 403, "forbidden")
	expect(t, d.send(t, "POST", "/api/leaders/"+hereLeader+"/reveal", `{"reason":"a token needs no CSRF"}`, "Authorization", "Bearer "+personal.Token), 200, "")
	for _, wrong := range []string{"Bearer yz_x", "Bearer " + personal.Token + "x", "Bearer", "Basic YTpi", "Bearer " + strings.Repeat("x", 5000)} {
		a := d.send(t, "GET", leaders, "", "Authorization", wrong)
		if a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("%.30s: %d %v", wrong, a.status, a.header)
		}
	}
	d.cookie = session
	expect(t, d.send(t, "DELETE", fmt.Sprintf("/api/auth/tokens/%d", personal.ID), ""), 204, "")
	d.cookie = ""
	expect(t, d.send(t, "GET", leaders, "", "Authorization", "Bearer "+personal.Token), 401, "unauthenticated")
}

func TestSecondFactorOverHTTP(t *testing.T) {
	started := time.Now() // and no second later for the server: on a busy machine the checks of passwords outlast a code
	d := newDoors(t, func(w *stage) { w.options.Now = func() time.Time { return started } })
	d.user(t, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: herePlace})
	expect(t, d.login(t, credentials("anna", password, "")), 200, "")
	expect(t, d.send(t, "POST", "/api/auth/totp", `{"password":"wrong"}`), 401, "wrong_credentials")
	a := d.send(t, "POST", "/api/auth/totp", `{"password":"`+password+`"}`)
	expect(t, a, 200, "")
	secret, used, err := d.kept.TOTPSecret(t.Context(), mustFind(t, d, "anna"))
	if err != nil || used != 0 || !bytes.Contains(a.body, []byte(auth.TOTPText(secret))) {
		t.Fatalf("%s: %v", a.body, err)
	}
	expect(t, d.send(t, "POST", "/api/auth/totp/confirm", `{"code":"000000"}`), 400, "invalid_parameter")
	code := func(steps int) string { return codeAt(secret, started.Add(time.Duration(30*steps)*time.Second)) }
	spent := code(-1)
	a = d.send(t, "POST", "/api/auth/totp/confirm", `{"code":"`+spent+`"}`)
	expect(t, a, 200, "")
	var confirmed ConfirmedTOTPReport
	if err := json.Unmarshal(a.body, &confirmed); err != nil || len(confirmed.RecoveryCodes) != 10 || !confirmed.Session.SignedIn {
		t.Fatalf("%s %v", a.body, err)
	}
	d.cookie = ""
	expect(t, d.login(t, credentials("anna", password, "")), 401, "code_required")
	expect(t, d.login(t, credentials("anna", "wrong", code(0))), 401, "wrong_credentials")
	expect(t, d.login(t, credentials("anna", password, spent)), 401, "wrong_credentials") // it was used
	expect(t, d.login(t, credentials("anna", password, code(0))), 200, "")
	d.cookie = ""
	expect(t, d.login(t, credentials("anna", password, confirmed.RecoveryCodes[3])), 200, "")
	expect(t, d.send(t, "POST", "/api/auth/totp/remove", `{"password":"`+password+`","code":"`+confirmed.RecoveryCodes[3]+`"}`), 401, "wrong_credentials")
	expect(t, d.send(t, "POST", "/api/auth/totp/remove", `{"password":"`+password+`","code":"`+confirmed.RecoveryCodes[4]+`"}`), 200, "")
	d.cookie = ""
	expect(t, d.login(t, credentials("anna", password, "")), 200, "")
}

func mustFind(t *testing.T, d *doors, name string) yizhan.User {
	t.Helper()
	found, err := d.kept.FindSignIn(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return found.User
}

// codeAt finds the code by trying all, which needs nothing of auth but what it exports.
func codeAt(secret []byte, at time.Time) string {
	step := at.Unix() / 30
	for n := range 1_000_000 {
		code := fmt.Sprintf("%06d", n)
		if auth.MatchTOTP(secret, code, time.Unix(step*30-30, 0), step-1) == step {
			return code
		}
	}
	return ""
}

func TestPasswordChange(t *testing.T) {
	d := newDoors(t)
	d.user(t, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: herePlace})
	expect(t, d.login(t, credentials("anna", password, "")), 200, "")
	before, csrf := d.cookie, d.csrf
	expect(t, d.send(t, "POST", "/api/auth/password", `{"password":"wrong","new_password":"another good one"}`), 401, "wrong_credentials")
	expect(t, d.send(t, "POST", "/api/auth/password", `{"password":"`+password+`","new_password":"aaaaaaaaaaaa"}`), 400, "invalid_parameter")
	a := d.send(t, "POST", "/api/auth/password", `{"password":"`+password+`","new_password":"another good one"}`)
	expect(t, a, 200, "")
	d.cookie, d.csrf = before, csrf
	expect(t, d.send(t, "GET", "/api/auth/tokens", ""), 401, "unauthenticated")
	d.cookie = ""
	expect(t, d.login(t, credentials("anna", password, "")), 401, "wrong_credentials")
	expect(t, d.login(t, credentials("anna", "another good one", "")), 200, "")
}

func TestUsersOverHTTP(t *testing.T) {
	d := newDoors(t)
	d.be(t, d.user(t, "boss", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: herePlace}))
	grant := func(role, unit string) string { return fmt.Sprintf(`{"role":%q,"unit":%q}`, role, unit) }
	body := func(name, unit string) string {
		return fmt.Sprintf(`{"name":%q,"password":"a good one indeed","grants":[%s]}`, name, grant("planner", unit))
	}
	expect(t, d.send(t, "POST", "/api/users", body("carl", herePlace)), 201, "")
	expect(t, d.send(t, "POST", "/api/users", body("carl", herePlace)), 409, "conflict")
	expect(t, d.send(t, "POST", "/api/users", body("dora", therePlace)), 403, "forbidden")
	expect(t, d.send(t, "POST", "/api/users", body("Dora!", herePlace)), 400, "invalid_parameter")
	expect(t, d.send(t, "POST", "/api/users/carl/grants", grant("viewer", herePlace)), 204, "")
	expect(t, d.send(t, "POST", "/api/users/carl/grants", grant("admin", "150700")), 403, "forbidden")
	expect(t, d.send(t, "DELETE", "/api/users/carl/grants?role=viewer&unit="+herePlace, ""), 204, "")
	expect(t, d.send(t, "DELETE", "/api/users/carl/grants?role=viewer&unit="+herePlace, ""), 404, "not_found")
	expect(t, d.send(t, "PATCH", "/api/users/carl", `{"disabled":true}`), 204, "")
	if a := d.send(t, "GET", "/api/users", ""); !strings.Contains(string(a.body), `"name":"carl"`) || !strings.Contains(string(a.body), `"disabled":true`) {
		t.Errorf("%s", a.body)
	}
	expect(t, d.send(t, "POST", "/api/users/carl/reset", `{"password":"yet another one"}`), 204, "")
	expect(t, d.send(t, "GET", "/api/audit", ""), 403, "forbidden")
	d.be(t, d.user(t, "mayor", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: "150700"}))
	a := d.send(t, "GET", "/api/audit?limit=30", "")
	expect(t, a, 200, "")
	if !strings.Contains(string(a.body), `"actor":"boss"`) || !strings.Contains(string(a.body), `"act":"users.reset"`) || !strings.Contains(string(a.body), `"address":"0.0.0.0"`) {
		t.Errorf("%s", a.body)
	}
}

// fakeProvider vouches for one subject.
type fakeProvider struct{ sent auth.Attempt }

func (f *fakeProvider) Address(_ context.Context, a auth.Attempt) (string, error) {
	f.sent = a
	return "https://id.example.org/authorize?state=" + url.QueryEscape(a.State), nil
}

func (f *fakeProvider) Subject(_ context.Context, a auth.Attempt, code string) (string, error) {
	if code != "good" || a != f.sent {
		return "", io.ErrUnexpectedEOF
	}
	return "https://id.example.org anna-1", nil
}

func TestOIDCOverHTTP(t *testing.T) {
	provider := &fakeProvider{}
	d := newDoors(t, func(w *stage) { w.options.OIDC = provider })
	u := d.user(t, "anna", yizhan.Grant{Role: yizhan.RolePlanner, Unit: herePlace})
	if err := d.kept.LinkSubject(t.Context(), yizhan.System("test"), u.Name, "https://id.example.org anna-1"); err != nil {
		t.Fatal(err)
	}
	leave := func(returnTo string) string {
		t.Helper()
		a := d.send(t, "GET", "/api/auth/oidc?return_to="+url.QueryEscape(returnTo), "")
		if a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "https://id.example.org/authorize?") {
			t.Fatalf("%d %v", a.status, a.header)
		}
		cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
		return cookie
	}
	back := func(cookie, query string) answer {
		return d.send(t, "GET", "/api/auth/oidc/callback?"+query, "", "Cookie", cookie)
	}
	for from, to := range map[string]string{"/plan/": "/plan/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		cookie := "x=y"
		if from != "" {
			cookie = leave(from)
		} else {
			continue
		}
		a := back(cookie, "code=good&state="+provider.sent.State)
		if a.status != 303 || a.header.Get("Location") != to || !strings.Contains(fmt.Sprint(a.header["Set-Cookie"]), "yizhan-session=") {
			t.Errorf("%q: %d %v", from, a.status, a.header)
		}
	}
	cookie := leave("/")
	for _, query := range []string{"code=good&state=x", "code=good", "code=bad&state=" + provider.sent.State, "error=access_denied&state=" + provider.sent.State, ""} {
		expect(t, back(cookie, query), 401, "wrong_credentials")
	}
	expect(t, back("x=y", "code=good&state="+provider.sent.State), 401, "wrong_credentials")
	if err := d.kept.SetDisabled(t.Context(), yizhan.System("test"), "anna", true); err != nil {
		t.Fatal(err)
	}
	expect(t, back(leave("/"), "code=good&state="+provider.sent.State), 401, "wrong_credentials")
	expect(t, newDoors(t).send(t, "GET", "/api/auth/oidc", ""), 404, "not_found")
}

func TestAccountRate(t *testing.T) {
	d := newDoors(t, func(w *stage) { w.options.AccountRate = 1; w.options.Now = func() time.Time { return noon } })
	d.be(t, d.user(t, "anna", yizhan.Grant{Role: yizhan.RoleViewer, Unit: herePlace}))
	var last answer
	for range 6 {
		last = d.send(t, "GET", "/api/auth/tokens", "")
	}
	expect(t, last, 429, "too_many_requests")
	d.be(t, d.user(t, "berta", yizhan.Grant{Role: yizhan.RoleViewer, Unit: herePlace}))
	expect(t, d.send(t, "GET", "/api/auth/tokens", ""), 200, "") // another account is not affected
}

func TestCORS(t *testing.T) {
	ask := func(w *stage, method, origin string) http.Header {
		t.Helper()
		return w.ask(t, method, "/api/city", "Origin", origin, "Access-Control-Request-Method", "GET").header
	}
	closed, open, some := newStage(t), newStage(t, func(w *stage) { w.options.CORSOrigins = []string{"*"} }),
		newStage(t, func(w *stage) { w.options.CORSOrigins = []string{"https://maps.example.org"} })
	for _, test := range []struct {
		w            *stage
		origin, want string
	}{
		{closed, "https://maps.example.org", ""}, {open, "https://any.example", "*"}, {some, "https://maps.example.org", "https://maps.example.org"},
		{some, "https://maps.example.org.evil.example", ""}, {some, "http://maps.example.org", ""}, {some, "null", ""},
	} {
		h := ask(test.w, "GET", test.origin)
		if got := h.Get("Access-Control-Allow-Origin"); got != test.want || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %q, want %q", test.origin, got, test.want)
		}
		if got := ask(test.w, "OPTIONS", test.origin).Get("Access-Control-Allow-Methods"); (got != "") != (test.want != "") {
			t.Errorf("%s: preflight %q", test.origin, got)
		}
	}
	if policy := ask(closed, "GET", "x").Get("Content-Security-Policy"); strings.Contains(policy, "unsafe-eval") || !strings.Contains(policy, "default-src 'self'") {
		t.Error(policy)
	}
}

// Without the database, what is public is answered also to who sends a cookie or a token; what is not says
// that it cannot be told who asks.
func TestPublicAnswersNeedNoAccounts(t *testing.T) {
	d := newDoors(t)
	d.be(t, d.user(t, "anna", yizhan.Grant{Role: yizhan.RoleViewer, Unit: herePlace}))
	d.kept.Close()
	expect(t, d.send(t, "GET", "/api/city", ""), 200, "")
	expect(t, d.send(t, "GET", "/api/city", "", "Authorization", "Bearer yz_x"), 200, "")
	expect(t, d.send(t, "GET", "/api/auth/tokens", ""), 503, "unavailable")
	expect(t, newStageDoors(t).send(t, "GET", "/api/auth/tokens", ""), 401, "unauthenticated")
}

// newStageDoors has no accounts at all.
func newStageDoors(t *testing.T) *doors { return &doors{stage: newStage(t)} }
