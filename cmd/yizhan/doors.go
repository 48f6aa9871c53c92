package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/yizhan/yizhan/api"
	"github.com/yizhan/yizhan/auth"
)

// doors say who may come in, beside those with accounts, and how often.
type doors struct {
	issuer, clientID, clientSecret string
	corsOrigins                    []string
	accountRate                    int
	demoPassword                   string
}

func (f *flags) doors() *doors {
	d := &doors{}
	f.StringVar(&d.issuer, "oidc-issuer", "", "`address` of an OpenID Connect provider that people may sign in with; needs --base-url")
	f.StringVar(&d.clientID, "oidc-client-id", "", "`id` of Yizhan at the provider")
	f.StringVar(&d.clientSecret, "oidc-client-secret", "", "`secret` of Yizhan at the provider; best left to the environment")
	f.Func("cors-origin", "comma-separated `origins` whose pages may ask the API, such as https://maps.example.org, or * for all; with tokens, never with cookies", d.setOrigins)
	f.IntVar(&d.accountRate, "account-rate", 100, "`requests` a second that one account may make, from however many addresses; 0 for no limit")
	f.StringVar(&d.demoPassword, "demo-password", "", "`password` of the demo accounts; without it, another one with each start")
	return d
}

func (d *doors) setOrigins(text string) error {
	d.corsOrigins = nil
	for _, origin := range strings.Split(text, ",") {
		origin = strings.TrimSpace(origin)
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || origin != u.Scheme+"://"+u.Host) {
			return fmt.Errorf("%q is not an origin such as https://maps.example.org, without a slash at the end", origin)
		}
		d.corsOrigins = append(d.corsOrigins, origin)
	}
	return nil
}

// provider is nil if nobody signs in elsewhere.
func (d *doors) provider(baseURL string) (api.OIDC, error) {
	if d.issuer == "" {
		return nil, nil
	}
	redirect := ""
	if baseURL != "" {
		redirect = baseURL + "/api/auth/oidc/callback"
	}
	return auth.NewOIDC(auth.OIDCOptions{Issuer: d.issuer, ClientID: d.clientID, ClientSecret: d.clientSecret, RedirectURL: redirect})
}
