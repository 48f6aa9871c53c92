package intake_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/importers/intake"
)

// filled gives the template of a collection as somebody fills it in in a spreadsheet: the first of each list, and what
// is given for other columns by their examples.
func filled(t *testing.T, c intake.Collection, english bool, given map[string]string) (path string, lists int) {
	t.Helper()
	sheet := exports.Table{Name: "导入模板", Rows: func(func([]exports.Value, error) bool) {}}
	columns := intake.Template(c, english)
	for i, column := range columns {
		sheet.Columns = append(sheet.Columns, exports.Column{Name: fmt.Sprintf("c%d", i+1), Title: column.Heading, Choices: column.Choices})
	}
	var out bytes.Buffer
	if err := exports.WriteXLSX(&out, sheet); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	offers, err := file.GetDataValidations("导入模板")
	if err != nil {
		t.Fatal(err)
	}
	for i, column := range columns {
		value := column.Example
		if len(column.Choices) > 0 {
			value = column.Choices[0]
		}
		if other, is := given[value]; is {
			value = other
		}
		cell, err := excelize.CoordinatesToCellName(i+1, 2)
		if err == nil {
			err = file.SetCellStr("导入模板", cell, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(t.TempDir(), "filled.xlsx")
	if err := file.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path, len(offers)
}

// TestTemplatesFilledIn fills every template in and imports it as it is: nobody is asked anything.
func TestTemplatesFilledIn(t *testing.T) {
	o := newOffice(t)
	place := at(0.25, 0.75)
	given := map[string]string{"119.7364": fmt.Sprint(place[0]), "49.2122": fmt.Sprint(place[1]),
		"150702002009001": community + "001", "150702002009001;150702002009002": community + "001;" + community + "002", "150702002009-01": "150702-0001", "天润社区骑手驿站": "新的名称", "150702002009": community}
	for _, c := range intake.Collections() {
		for _, english := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, English %v", c, english), func(t *testing.T) {
				if c == intake.Stations {
					given["150702002009-01"] = "NEW-01"
				}
				path, lists := filled(t, c, english, given)
				given["150702002009-01"] = "150702-0001"
				if want := map[intake.Collection]int{intake.Stations: 2, intake.MicroGrids: 2, intake.Scenes: 1}[c]; lists != want {
					t.Errorf("%d columns offer a list, want %d", lists, want)
				}
				found := o.checkOnce(t, path, intake.Settings{})
				if found.Errors+found.Left != 0 || found.Rows != 1 || found.Created+found.Updated+found.Sites != 1 {
					t.Errorf("%+v %+v", found.Summary, found.problems)
				}
			})
		}
	}
}

// TestChoicesAreKnown holds every word that a template offers against what an import takes it for.
func TestChoicesAreKnown(t *testing.T) {
	for _, c := range intake.Collections() {
		chinese, english := intake.Template(c, false), intake.Template(c, true)
		for i, column := range chinese {
			if len(column.Choices) != len(english[i].Choices) {
				t.Fatalf("%s: %d choices in Chinese, %d in English", column.Heading, len(column.Choices), len(english[i].Choices))
			}
			for j, word := range column.Choices {
				if got := intake.Meaning(c, column.Heading, word); got != english[i].Choices[j] {
					t.Errorf("%s: %s is read as %q, want %q", column.Heading, word, got, english[i].Choices[j])
				}
			}
		}
	}
}
