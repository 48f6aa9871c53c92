package cql2_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/yizhan/yizhan/cql2"
)

// hostile is what has broken parsers.
var hostile = []string{
	"", "'", `"`, "((((((((((", "1--1 = 1", "a.b.c = 1", "NOT", "a IN (", "POINT(", "POINT Z", "bbox", "INTERVAL('..','..')",
	"x = 'a' AND", "\u00a0x = 1", "\u202ex = 1", "K = 1", "TIMESTAMP('0000-01-01T00:00:00Z') = at", "-", ".", "1.", "1e", "1e+", "''''",
	`{"op":"and","args":[`, `{"a":{"a":{"a":1}}}`, `[[[[[[`, `"\u`, `{"op":"=","args":[1,2]`, `-`, `{"":""}`, "\\", `"\ud83d\ude00"`,
	strings.Repeat("(", 8000), strings.Repeat("NOT ", 4000), strings.Repeat("'", 16000), strings.Repeat("a AND ", 2500), strings.Repeat("-", 16000),
	strings.Repeat("1^", 8000), strings.Repeat("[", 16000), strings.Repeat(`{"op":"not","args":[`, 800), strings.Repeat("GEOMETRYCOLLECTION(", 800),
}

func FuzzText(f *testing.F) {
	for _, r := range readings {
		f.Add(r.text)
	}
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkHostile(t, text, cql2.ParseText) })
}

func FuzzJSON(f *testing.F) {
	for _, r := range readings {
		f.Add(r.json)
	}
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkHostile(t, text, cql2.ParseJSON)
		if _, err := cql2.ParseJSON(text); err == nil && !json.Valid([]byte(text)) {
			t.Errorf("%q was read and is not JSON", text)
		}
	})
}

// checkHostile holds that a filter is refused by a Fault, or read at once and written so that it is read as
// the same.
func checkHostile(t *testing.T, text string, parse func(string) (cql2.Expr, error)) {
	t.Helper()
	begun := time.Now()
	e, err := parse(text)
	if took := time.Since(begun); took > time.Second {
		t.Errorf("%d bytes took %v", len(text), took)
	}
	if err != nil {
		var fault *cql2.Fault
		if !errors.As(err, &fault) || fault.Message == "" || len(err.Error()) > 400 {
			t.Errorf("%.200q: %T %v", text, err, err)
		}
		return
	}
	// What is written may be longer than what was read, and than what is allowed.
	if len(cql2.String(e)) <= cql2.MaxBytes && len(cql2.AppendJSON(nil, e)) <= cql2.MaxBytes {
		checkBothWays(t, e)
	}
	if err := cql2.Check(e, types); err != nil && !strings.Contains(err.Error(), "fault") {
		var fault *cql2.Fault
		if !errors.As(err, &fault) {
			t.Errorf("%q: %T", text, err)
		}
	}
}

// TestHostileInputTakesLittle holds the time for the longest inputs of each kind that nests.
func TestHostileInputTakesLittle(t *testing.T) {
	for _, unit := range []string{"(", "[", "NOT ", "-", "+", "1^", "1+", "a AND ", "a IN (", "POINT(", "GEOMETRYCOLLECTION(", "CASEI(", "'", `"`, "''", "{", `{"a":`, `"\u0041`, "1", "𠀀", " "} {
		text := strings.Repeat(unit, cql2.MaxBytes/len(unit))
		for _, parse := range []func(string) (cql2.Expr, error){cql2.ParseText, cql2.ParseJSON} {
			begun := time.Now()
			_, err := parse(text)
			if took := time.Since(begun); took > 200*time.Millisecond {
				t.Errorf("%q repeated takes %v (%v)", unit, took, err)
			}
		}
	}
}
