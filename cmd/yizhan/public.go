package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// public is how the server is reached from outside, where that differs from how it listens.
type public struct {
	baseURL string
	proxies []string
}

// public adds the flags.
func (f *flags) public() *public {
	p := &public{}
	f.Func("base-url", "`URL` under which clients reach the server, such as https://maps.example.org; without it, links go by the Host of each request", p.setBaseURL)
	f.Func("trusted-proxies", "comma-separated `addresses` and networks of proxies whose X-Forwarded headers are believed", p.setProxies)
	return p
}

func (p *public) setBaseURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fmt.Errorf("not a URL: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("it begins with http:// or https:// and a host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return fmt.Errorf("it is a scheme and a host only: pages and API are at the root")
	}
	p.baseURL = u.Scheme + "://" + u.Host
	return nil
}

func (p *public) setProxies(text string) error {
	p.proxies = nil
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		_, notAddress := netip.ParseAddr(part)
		_, notNetwork := netip.ParsePrefix(part)
		if notAddress != nil && notNetwork != nil {
			return fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", part)
		}
		p.proxies = append(p.proxies, part)
	}
	return nil
}
