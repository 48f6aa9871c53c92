package instance_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/yizhan/yizhan/geo/siting/instance"
)

const (
	plane = "3\t9999\tp\tS\n0 0 1\n3.5 4e0 20\n\n-10 0 0\n"
	graph = " 3 3 2 \n 1 2 30 \n 2 1 7\n 2 3 0\n"
)

func readSJC(text string) error { _, err := instance.ReadSJC(strings.NewReader(text)); return err }

func readPMed(text string) error { _, err := instance.ReadPMed(strings.NewReader(text)); return err }

func TestReadSJC(t *testing.T) {
	p, err := instance.ReadSJC(strings.NewReader(plane))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.X) != 3 || p.X[1] != 3.5 || p.Y[1] != 4 || p.Demand[1] != 20 {
		t.Errorf("read %+v", p)
	}
	reach := p.Reach(10) // inclusive: the third is 10 from the first
	if len(reach[0]) != 3 || len(reach[1]) != 2 || len(reach[2]) != 2 {
		t.Errorf("reach %v", reach)
	}
	if d := p.Distances()[0][1]; d != 5315 { // √28.25 in thousandths
		t.Errorf("distance %d", d)
	}
}

func TestReadPMed(t *testing.T) {
	g, err := instance.ReadPMed(strings.NewReader(graph))
	if err != nil {
		t.Fatal(err)
	}
	if g.Nodes != 3 || g.P != 2 || len(g.Edges) != 2 || g.Edges[0].Length != 7 {
		t.Errorf("read %+v: the last of two equal edges counts", g)
	}
}

func TestFaultsNameTheLine(t *testing.T) {
	for name, test := range map[string]struct {
		read func(string) error
		text string
		line int
	}{
		"empty sjc":            {readSJC, "", 1},
		"sjc head":             {readSJC, "3 9999 p\n", 1},
		"sjc count":            {readSJC, "many 9999 p S\n", 1},
		"sjc huge":             {readSJC, "99999999999999999999 9999 p S\n", 1},
		"sjc none":             {readSJC, "0 9999 p S\n", 1},
		"sjc too many":         {readSJC, "10001 9999 p S\n", 1},
		"sjc NaN":              {readSJC, "1 9999 p S\nNaN 0 1\n", 2},
		"sjc infinite":         {readSJC, "1 9999 p S\n\n0 Inf 1\n", 3},
		"sjc negative demand":  {readSJC, "1 9999 p S\n0 0 -1\n", 2},
		"sjc part of a demand": {readSJC, "1 9999 p S\n0 0 1.5\n", 2},
		"sjc missing field":    {readSJC, "2 9999 p S\n0 0 1\n0 0\n", 3},
		"sjc cut short":        {readSJC, "2 9999 p S\n0 0 1\n", 3},
		"sjc more":             {readSJC, "1 9999 p S\n0 0 1\n0 0 1\n", 3},
		"sjc long line":        {readSJC, "1 9999 p S\n" + strings.Repeat("1", 1<<17) + "\n", 2},
		"empty pmed":           {readPMed, "", 1},
		"pmed nodes":           {readPMed, "0 1 1\n", 1},
		"pmed too many nodes":  {readPMed, "10001 1 1\n", 1},
		"pmed edges":           {readPMed, "3 -1 1\n", 1},
		"pmed too many edges":  {readPMed, "3 999999999 1\n", 1},
		"pmed p above n":       {readPMed, "3 0 4\n", 1},
		"pmed node 0":          {readPMed, "3 1 1\n0 1 5\n", 2},
		"pmed node above n":    {readPMed, "3 1 1\n1 4 5\n", 2},
		"pmed negative cost":   {readPMed, "3 1 1\n1 2 -5\n", 2},
		"pmed missing field":   {readPMed, "3 2 1\n1 2 5\n1 2\n", 3},
		"pmed cut short":       {readPMed, "3 2 1\n1 2 5\n", 3},
		"pmed more":            {readPMed, "3 1 1\n1 2 5\n1 3 5\n", 3},
	} {
		t.Run(name, func(t *testing.T) {
			var fault *instance.SyntaxError
			if err := test.read(test.text); !errors.As(err, &fault) || fault.Line != test.line {
				t.Errorf("%v, want a fault in line %d", err, test.line)
			}
		})
	}
}

// endless is a file without an end: lines of blanks.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
		if i%64 == 0 {
			p[i] = '\n'
		}
	}
	e.read += len(p)
	return len(p), nil
}

func TestEndlessFile(t *testing.T) {
	for name, read := range map[string]func(io.Reader) error{
		"sjc":  func(r io.Reader) error { _, err := instance.ReadSJC(r); return err },
		"pmed": func(r io.Reader) error { _, err := instance.ReadPMed(r); return err },
	} {
		file := &endless{}
		if err := read(file); err == nil || !strings.Contains(err.Error(), "larger than 64 MB") || file.read > instance.MaxBytes+1<<20 {
			t.Errorf("%s: %v after %d bytes", name, err, file.read)
		}
	}
}

func FuzzReadSJC(f *testing.F) {
	f.Add(plane)
	f.Add("2 9999 p S\n1e308 -0 0\n0x1p4 1_0 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := instance.ReadSJC(strings.NewReader(text))
		if err != nil {
			var fault *instance.SyntaxError
			if !errors.As(err, &fault) || fault.Line < 1 {
				t.Fatalf("%v names no line", err)
			}
			return
		}
		if n := len(p.X); n < 1 || n > instance.MaxNodes || len(p.Y) != n || len(p.Demand) != n {
			t.Fatalf("%d, %d, %d points", len(p.X), len(p.Y), len(p.Demand))
		}
		for i := range p.X {
			if math.IsNaN(p.X[i]) || math.IsInf(p.Y[i], 0) || p.Demand[i] < 0 {
				t.Fatalf("point %d: %g %g %d", i, p.X[i], p.Y[i], p.Demand[i])
			}
		}
	})
}

func FuzzReadPMed(f *testing.F) {
	f.Add(graph)
	f.Add("1 1 1\n1 1 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := instance.ReadPMed(strings.NewReader(text))
		if err != nil {
			var fault *instance.SyntaxError
			if !errors.As(err, &fault) || fault.Line < 1 {
				t.Fatalf("%v names no line", err)
			}
			return
		}
		if g.Nodes < 1 || g.Nodes > instance.MaxNodes || g.P < 0 || g.P > g.Nodes {
			t.Fatalf("%+v", g)
		}
		for _, e := range g.Edges {
			if e.A < 0 || e.A > e.B || int(e.B) >= g.Nodes || e.Length < 0 {
				t.Fatalf("edge %+v of %d nodes", e, g.Nodes)
			}
		}
	})
}
