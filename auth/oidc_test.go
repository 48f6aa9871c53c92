package auth

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// provider is an OpenID Connect provider with one user, who always agrees.
type provider struct {
	*httptest.Server
	key    *rsa.PrivateKey
	asked  url.Values     // what the browser brought
	claims map[string]any // that replace those of the id_token
	signer *rsa.PrivateKey
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key, signer: key, claims: map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		encode := base64.RawURLEncoding.EncodeToString
		reply(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // to a test, on this machine
}

// token gives the id_token for the code "good", if the verifier is the one of the challenge.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if r.FormValue("code") != "good" || base64.RawURLEncoding.EncodeToString(sum[:]) != p.asked.Get("code_challenge") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	claims := map[string]any{"iss": p.URL, "sub": "anna-1", "aud": "yizhan", "nonce": p.asked.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()}
	maps.Copy(claims, p.claims)
	reply(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *provider) sign(claims map[string]any) string {
	encode := base64.RawURLEncoding.EncodeToString
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	text := encode([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.signer, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + encode(signature)
}

func (p *provider) client(t *testing.T) *OIDC {
	t.Helper()
	o, err := NewOIDC(OIDCOptions{Issuer: p.URL, ClientID: "yizhan", ClientSecret: "s3", RedirectURL: "https://maps.example.org/api/auth/oidc/callback"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// send does what the browser does until it comes back.
func (p *provider) send(t *testing.T, o *OIDC, a Attempt) {
	t.Helper()
	address, err := o.Address(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p.asked = u.Query()
	for name, want := range map[string]string{"response_type": "code", "client_id": "yizhan", "state": a.State, "nonce": a.Nonce, "code_challenge_method": "S256",
		"redirect_uri": "https://maps.example.org/api/auth/oidc/callback", "scope": "openid"} {
		if got := p.asked.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(address, a.Verifier) {
		t.Error("the verifier is in the address")
	}
}

func TestOIDC(t *testing.T) {
	p := newProvider(t)
	o := p.client(t)
	a := NewAttempt("/plan/")
	p.send(t, o, a)
	if subject, err := o.Subject(t.Context(), a, "good"); err != nil || subject != p.URL+" anna-1" {
		t.Errorf("%q, %v", subject, err)
	}
}

func TestOIDCRefuses(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, bend := range map[string]func(*provider, *Attempt) (code string){
		"another code":     func(*provider, *Attempt) string { return "bad" },
		"another verifier": func(_ *provider, a *Attempt) string { a.Verifier += "x"; return "good" },
		"another nonce":    func(_ *provider, a *Attempt) string { a.Nonce += "x"; return "good" },
		"no nonce":         func(p *provider, _ *Attempt) string { p.claims["nonce"] = ""; return "good" },
		"another audience": func(p *provider, _ *Attempt) string { p.claims["aud"] = "other"; return "good" },
		"another issuer":   func(p *provider, _ *Attempt) string { p.claims["iss"] = "https://evil.example"; return "good" },
		"expired": func(p *provider, _ *Attempt) string {
			p.claims["exp"] = time.Now().Add(-time.Hour).Unix()
			return "good"
		},
		"no subject":  func(p *provider, _ *Attempt) string { p.claims["sub"] = ""; return "good" },
		"another key": func(p *provider, _ *Attempt) string { p.signer = stranger; return "good" },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			o := p.client(t)
			a := NewAttempt("/")
			p.send(t, o, a)
			code := bend(p, &a)
			if subject, err := o.Subject(t.Context(), a, code); err == nil || yizhan.CodeOf(err) == yizhan.CodeUnavailable {
				t.Errorf("%q, %v", subject, err)
			}
		})
	}
}

func TestOIDCProviderAway(t *testing.T) {
	p := newProvider(t)
	o := p.client(t)
	p.Close()
	if _, err := o.Address(t.Context(), NewAttempt("/")); yizhan.CodeOf(err) != yizhan.CodeUnavailable {
		t.Errorf("%v", err)
	}
	for _, wrong := range []OIDCOptions{
		{}, {Issuer: "http://example.org", ClientID: "x", RedirectURL: "y"}, {Issuer: "https://example.org", RedirectURL: "y"}, {Issuer: "https://example.org", ClientID: "x"},
	} {
		if _, err := NewOIDC(wrong); err == nil {
			t.Errorf("%+v", wrong)
		}
	}
}
