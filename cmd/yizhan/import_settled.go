package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan/importers"
	"github.com/yizhan/yizhan/importers/intake"
)

// settled reads what a person decided about rows that were left to them: ROW:FIELD=CODE says which feature, or unit, a
// field of a row means, ROW alone leaves the row out. A text may hold several, with commas, spaces or lines between.
func settled(into *[]intake.Settlement) func(text string) error {
	return func(text string) error {
		for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }) {
			question, code, said := strings.Cut(item, "=")
			number, field, asked := strings.Cut(question, ":")
			row, err := strconv.ParseInt(number, 10, 64)
			if err != nil || said != asked || said && (field == "" || code == "") {
				return fmt.Errorf("%q is neither ROW:FIELD=CODE nor ROW", importers.Clip(item))
			}
			*into = append(*into, intake.Settlement{Row: row, Field: field, Code: code})
		}
		if len(*into) == 0 {
			return errors.New("is empty")
		}
		return nil
	}
}

// listAnswers tells how a row that is left for a person is settled.
func listAnswers(out io.Writer, p importers.Problem) {
	if p.Severity != importers.Left {
		return
	}
	for _, c := range p.Candidates {
		fmt.Fprintf(out, "      --settled %d:%s=%s  %s", p.Row, p.Field, c.Code, c.Name)
		if c.Unit != "" {
			fmt.Fprintf(out, " (%s)", c.Unit)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "      --settled %d  leaves it out\n", p.Row)
}
