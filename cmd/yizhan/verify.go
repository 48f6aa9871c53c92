package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/yizhan/yizhan/store"
)

// count is a figure that the demo city must have.
type count struct {
	what      string
	got, want int64
}

// demoCounts compares the database with what is known of Hulunbuir.
func demoCounts(v store.Verification) []count {
	t := v.Total
	return []count{
		{"banners", int64(len(v.Banners)), 14},
		{"townships", t.Townships, 158},
		{"communities", t.Communities, 1_173},
		{"micro-grids", t.MicroGrids, 38_723},
		{"households", t.Households, 1_152_112},
		{"unit leaders", t.Leaders, 39_728},
		{"households led", t.LedHouseholds, 1_152_112},
		{"stations", t.Stations, 550},
		{"friendly scenes", t.FriendlyScenes, 9},
	}
}

func verifyDemo(ctx context.Context, out io.Writer, opened *store.Store) error {
	v, err := opened.Verify(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	holds := v.OK()
	fmt.Fprintln(table, "communities\tmicro-grids\thouseholds\tleaders\tstations\tscenes\t  banner")
	for _, b := range v.Banners { // the name comes last: Chinese is twice as wide as tabwriter thinks
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t  %s %s\n", grouped(b.Communities), grouped(b.MicroGrids),
			grouped(b.Households), grouped(b.Leaders), grouped(b.Stations), grouped(b.FriendlyScenes), b.Code, b.Name)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	table.Init(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out)
	for _, c := range demoCounts(v) {
		holds = holds && c.got == c.want
		fmt.Fprintf(table, "%s\t%s\t%s\t\n", c.what, grouped(c.got), verdict(c.got == c.want, "expected "+grouped(c.want)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, p := range v.Proofs {
		fmt.Fprintf(table, "%s\t%s checked\t%s\t\n", p.Name, grouped(p.Checked), verdict(p.OK(), fmt.Sprintf("%s faults %s", grouped(p.Faults), p.Detail)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if !holds {
		return errCheck
	}
	return nil
}

func verdict(holds bool, otherwise string) string {
	if holds {
		return "ok"
	}
	return "WRONG: " + otherwise
}

// grouped writes a number with a comma after each three digits.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
