package main

import (
	"io"
	"slices"
	"testing"
)

func TestPublicFlags(t *testing.T) {
	for _, test := range []struct {
		args    []string
		base    string
		proxies []string
		refused bool
	}{
		{args: nil},
		{args: []string{"--base-url", "https://maps.example.org/"}, base: "https://maps.example.org"},
		{args: []string{"--base-url", "http://10.0.0.1:8080"}, base: "http://10.0.0.1:8080"},
		{args: []string{"--base-url", "maps.example.org"}, refused: true},
		{args: []string{"--base-url", "ftp://maps.example.org"}, refused: true},
		{args: []string{"--base-url", "https://maps.example.org/yizhan"}, refused: true},
		{args: []string{"--base-url", "https://me:secret@maps.example.org"}, refused: true},
		{args: []string{"--base-url", "https://"}, refused: true},
		{args: []string{"--trusted-proxies", "10.0.0.0/8, ::1"}, proxies: []string{"10.0.0.0/8", "::1"}},
		{args: []string{"--trusted-proxies", "localhost"}, refused: true},
		{args: []string{"--trusted-proxies", "10.0.0.1,"}, refused: true},
	} {
		f := newFlags(environment{getenv: func(string) string { return "" }, stderr: io.Discard}, "serve", "")
		p := f.public()
		err := f.parse(test.args)
		if (err != nil) != test.refused {
			t.Errorf("%v: %v", test.args, err)
		}
		if err == nil && (p.baseURL != test.base || !slices.Equal(p.proxies, test.proxies)) {
			t.Errorf("%v: %+v", test.args, p)
		}
	}
}
