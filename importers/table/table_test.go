package table_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/table"
)

func open(t testing.TB, file []byte, o table.Options) *table.Table {
	t.Helper()
	opened, err := table.Open(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

// read gives the names of the columns, and the rows as texts with their number in front.
func read(t testing.TB, opened *table.Table) (names []string, rows [][]string) {
	t.Helper()
	for _, c := range opened.Columns {
		names = append(names, c.Name)
	}
	for row, err := range opened.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		texts := []string{fmt.Sprint(row.Number)}
		for _, c := range row.Cells {
			texts = append(texts, c.Text)
		}
		rows = append(rows, texts)
	}
	return names, rows
}

func check(t *testing.T, file []byte, names []string, rows ...[]string) *table.Table {
	t.Helper()
	opened := open(t, file, table.Options{})
	gotNames, gotRows := read(t, opened)
	if !reflect.DeepEqual(gotNames, names) {
		t.Errorf("columns %q, want %q", gotNames, names)
	}
	if !reflect.DeepEqual(gotRows, rows) {
		t.Errorf("rows %q, want %q", gotRows, rows)
	}
	return opened
}

func encode(t testing.TB, e encoding.Encoding, text string) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodingsOfText(t *testing.T) {
	const text = "旗市区,覆盖率\r\n海拉尔区,85.3%\r\n\r\n根河市,\"1,234\"\r\n"
	for name, c := range map[string]struct {
		file []byte
		want table.Encoding
	}{
		"UTF-8":           {[]byte(text), table.UTF8},
		"UTF-8 with mark": {[]byte("\ufeff" + text), table.UTF8},
		"GB18030":         {encode(t, simplifiedchinese.GB18030, text), table.GB18030},
		"GBK":             {encode(t, simplifiedchinese.GBK, text), table.GB18030},
		"UTF-16 LE":       {encode(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), table.UTF16LE},
		"UTF-16 BE":       {encode(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), table.UTF16BE},
	} {
		t.Run(name, func(t *testing.T) {
			opened := check(t, c.file, []string{"旗市区", "覆盖率"}, []string{"2", "海拉尔区", "85.3%"}, []string{"4", "根河市", "1,234"})
			if opened.Encoding != c.want || opened.Delimiter != ',' || opened.Format != table.CSV {
				t.Errorf("%s, %q, %s", opened.Encoding, opened.Delimiter, opened.Format)
			}
		})
	}
}

func TestDelimiters(t *testing.T) {
	for _, d := range []string{",", "\t", ";", "|"} {
		file := "名称" + d + "数, 量" + d + "说明\n甲" + d + "1" + d + "a\n乙" + d + "2" + d + "\n"
		if d == "," {
			file = strings.Replace(file, "数, 量", `"数, 量"`, 1)
		}
		check(t, []byte(file), []string{"名称", "数, 量", "说明"}, []string{"2", "甲", "1", "a"}, []string{"3", "乙", "2", ""})
	}
	check(t, []byte("sep=;\n名称;数\n甲;1,5\n乙;2,5\n"), []string{"名称", "数"}, []string{"3", "甲", "1,5"}, []string{"4", "乙", "2,5"})
}

func TestHeads(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		names []string
		rows  [][]string
		above []string
	}{
		"below a title and a note": {
			"党组织覆盖情况统计表,,,\n单位：%,,,2025年12月\n旗市区,党组织,,备注\n,数量,覆盖率,\n海拉尔区,12,85.3,\n",
			[]string{"旗市区", "党组织 / 数量", "党组织 / 覆盖率", "备注"}, [][]string{{"5", "海拉尔区", "12", "85.3", ""}},
			[]string{"党组织覆盖情况统计表", "单位：%", "2025年12月"}},
		"years as columns":      {"旗市区,2023,2024\n海拉尔区,5,6\n", []string{"旗市区", "2023", "2024"}, [][]string{{"2", "海拉尔区", "5", "6"}}, nil},
		"a unit in brackets":    {"旗市区,面积（单位：平方公里）\n海拉尔区,1440\n", []string{"旗市区", "面积（单位：平方公里）"}, [][]string{{"2", "海拉尔区", "1440"}}, nil},
		"no head":               {"150702,5\n150703,6\n", []string{"A", "B"}, [][]string{{"1", "150702", "5"}, {"2", "150703", "6"}}, nil},
		"texts only":            {"名称,类别\n甲,观察点\n乙,调解\n", []string{"名称", "类别"}, [][]string{{"2", "甲", "观察点"}, {"3", "乙", "调解"}}, nil},
		"names twice":           {"名称,数,数,\n甲,1,2,3\n", []string{"名称", "数", "数 (C)", "D"}, [][]string{{"2", "甲", "1", "2", "3"}}, nil},
		"one column":            {"数\n5\n6\n", []string{"数"}, [][]string{{"2", "5"}, {"3", "6"}}, nil},
		"a head and no rows":    {"名称,数\n", []string{"名称", "数"}, nil, nil},
		"a name over two lines": {"名称,\"覆盖\n率\"\n甲,1\n", []string{"名称", "覆盖 率"}, [][]string{{"2", "甲", "1"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			opened := check(t, []byte(c.file), c.names, c.rows...)
			if !reflect.DeepEqual(opened.Above, c.above) {
				t.Errorf("above %q, want %q", opened.Above, c.above)
			}
		})
	}
}

// TestAHeadThatSomebodyChose reads a head that would not be found.
func TestAHeadThatSomebodyChose(t *testing.T) {
	file := []byte("1,2\n3,4\n5,6\n")
	opened := open(t, file, table.Options{Header: &table.Header{First: 2, Last: 2}})
	names, rows := read(t, opened)
	if !reflect.DeepEqual(names, []string{"3", "4"}) || !reflect.DeepEqual(rows, [][]string{{"3", "5", "6"}}) || !reflect.DeepEqual(opened.Above, []string{"1", "2"}) {
		t.Errorf("%q %q %q", names, rows, opened.Above)
	}
	for _, h := range []table.Header{{First: -1}, {First: 2, Last: 1}, {First: 1, Last: 9}, {First: 9, Last: 9}} {
		_, err := table.Open(bytes.NewReader(file), int64(len(file)), table.Options{Header: &h})
		checkError(t, err, yizhan.CodeInvalid, "header", "")
	}
}

func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func set(t testing.TB, f *excelize.File, cells map[string]any) {
	t.Helper()
	for cell, value := range cells {
		must(t, f.SetCellValue("Sheet1", cell, value))
	}
}

// TestWorkbookOfAnOffice has what offices send: a merged title, a head over two rows, merged names at the left.
func TestWorkbookOfAnOffice(t *testing.T) {
	file := workbook(t, func(f *excelize.File) {
		set(t, f, map[string]any{"A1": "党组织覆盖情况", "A2": "单位：%", "A3": "旗市区", "B3": "苏木乡镇", "C3": "党组织", "C4": "数量", "D4": "覆盖率",
			"A5": "海拉尔区", "B5": "正阳街道", "C5": 12, "D5": 0.853, "B6": "健康街道", "C6": 1234, "D6": "—", "A8": "合计", "C8": 1246})
		percent, err := f.NewStyle(&excelize.Style{NumFmt: 10})
		must(t, err, f.SetCellStyle("Sheet1", "D5", "D6", percent),
			f.MergeCell("Sheet1", "A1", "D1"), f.MergeCell("Sheet1", "A3", "A4"), f.MergeCell("Sheet1", "B3", "B4"),
			f.MergeCell("Sheet1", "C3", "D3"), f.MergeCell("Sheet1", "A5", "A6"))
	})
	opened := check(t, file, []string{"旗市区", "苏木乡镇", "党组织 / 数量", "党组织 / 覆盖率"},
		[]string{"5", "海拉尔区", "正阳街道", "12", "0.853"}, []string{"6", "海拉尔区", "健康街道", "1234", "—"}, []string{"8", "合计", "", "1246", ""})
	if opened.Format != table.XLSX || opened.Sheet != "Sheet1" || !reflect.DeepEqual(opened.Above, []string{"党组织覆盖情况", "单位：%"}) {
		t.Errorf("%s %q %q", opened.Format, opened.Sheet, opened.Above)
	}
	for row, err := range opened.Rows() {
		must(t, err)
		if row.Number == 5 && (!row.Cells[3].Percent || row.Cells[3].Kind != table.Number || !row.Cells[0].Merged || row.Cells[1].Merged) {
			t.Errorf("%+v", row.Cells)
		}
	}
}

// TestCellsOfWorkbooks looks at each kind of cell.
func TestCellsOfWorkbooks(t *testing.T) {
	file := workbook(t, func(f *excelize.File) {
		set(t, f, map[string]any{"A1": "a", "B1": "b", "A2": 1, "A3": true, "A4": 0.1 + 0.2, "A5": "０１２", "A6": 150702001001, "A7": 46054.5, "A8": 46054, "A9": " 甲 "})
		must(t, f.SetCellFormula("Sheet1", "A10", "=A2+1"), f.SetCellRichText("Sheet1", "A11", []excelize.RichTextRun{{Text: "甲"}, {Text: "乙"}}))
		date, err := f.NewStyle(&excelize.Style{NumFmt: 22})
		custom := `yyyy"年"m"月"d"日";@`
		chinese, err2 := f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
		must(t, err, err2, f.SetCellStyle("Sheet1", "A7", "A7", date), f.SetCellStyle("Sheet1", "A8", "A8", chinese))
		for row := 2; row <= 11; row++ {
			must(t, f.SetCellValue("Sheet1", fmt.Sprintf("B%d", row), row))
		}
	})
	opened := open(t, file, table.Options{Header: &table.Header{First: 1, Last: 1}})
	var got []string
	for row, err := range opened.Rows() {
		must(t, err)
		c := row.Cells[0]
		got = append(got, fmt.Sprintf("%d %d %s %s %v", row.Number, c.Kind, c.Text, c.Why, c.Formula))
	}
	want := []string{"2 2 1  false", "3 4 TRUE  false", "4 2 0.3  false", "5 1 ０１２  false", "6 2 150702001001  false", "7 3 2026-02-01 12:00:00  false",
		"8 3 2026-02-01  false", "9 1 甲  false",
		"10 5  is a formula without a saved result: open the file in a spreadsheet program and save it true", "11 1 甲乙  false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestSavedFormulas reads what a formula gave, and refuses one that failed.
func TestSavedFormulas(t *testing.T) {
	file := rawWorkbook(t, `<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>名</t></is></c><c r="B1" t="inlineStr"><is><t>数</t></is></c></row>`+
		`<row r="2"><c r="A2" t="str"><f>"甲"</f><v>甲</v></c><c r="B2"><f>1+1</f><v>2</v></c></row>`+
		`<row r="3"><c t="inlineStr"><is><r><t>乙</t></r><rPh sb="0" eb="1"><t>yi</t></rPh></is></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>`+
		`<row r="4"><c t="inlineStr"><is><t>a_x000D_b</t></is></c><c t="e"><v>#N/A</v></c></row></sheetData>`)
	opened := check(t, file, []string{"名", "数"}, []string{"2", "甲", "2"}, []string{"3", "乙", "#DIV/0!"}, []string{"4", "a b", "#N/A"})
	var whys []string
	for row, err := range opened.Rows() {
		must(t, err)
		v, err := table.NumberOf(row.Cells[1])
		whys = append(whys, fmt.Sprint(v.Value, v.Known, err))
	}
	want := []string{"2 true <nil>", `0 false the formula fails: the sheet shows "#DIV/0!"`, "0 false <nil>"}
	if !reflect.DeepEqual(whys, want) {
		t.Errorf("%q, want %q", whys, want)
	}
}

// rawWorkbook makes a workbook of a sheet's XML.
func rawWorkbook(t testing.TB, sheet string) []byte {
	t.Helper()
	const relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	return zipped(t, map[string]string{
		"_rels/.rels":     `<Relationships><Relationship Id="r1" Type="` + relation + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook><sheets><sheet name="隐" state="hidden" r:id="r9"/><sheet name="表" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="` + relation + `/worksheet" Target="worksheets/a.xml"/>` +
			`<Relationship Id="r9" Type="` + relation + `/worksheet" Target="/xl/worksheets/a.xml"/></Relationships>`,
		"xl/worksheets/a.xml": `<worksheet>` + sheet + `</worksheet>`,
	})
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, text := range parts {
		part, err := archive.Create(name)
		must(t, err)
		_, err = part.Write([]byte(text))
		must(t, err)
	}
	must(t, archive.Close())
	return out.Bytes()
}

func TestSheetsAreChosen(t *testing.T) {
	file := workbook(t, func(f *excelize.File) {
		_, err := f.NewSheet("第二")
		must(t, err, f.SetCellValue("第二", "A1", "名"), f.SetCellValue("第二", "A2", 2))
		_, err = f.NewSheet("隐藏")
		must(t, err, f.SetCellValue("隐藏", "A1", "密"), f.SetSheetVisible("隐藏", false))
	})
	opened := check(t, file, []string{"名"}, []string{"2", "2"}) // the first sheet is empty
	if opened.Sheet != "第二" || !reflect.DeepEqual(opened.Sheets, []string{"Sheet1", "第二"}) {
		t.Errorf("%q of %q", opened.Sheet, opened.Sheets)
	}
	if got := open(t, file, table.Options{Sheet: "隐藏"}).Columns[0].Name; got != "密" {
		t.Errorf("the hidden sheet has %q", got)
	}
	_, err := table.Open(bytes.NewReader(file), int64(len(file)), table.Options{Sheet: "第三"})
	checkError(t, err, yizhan.CodeInvalid, "sheet", "no sheet of this name")
}

func checkError(t *testing.T, err error, code yizhan.ErrorCode, field, says string) {
	t.Helper()
	var ours *yizhan.Error
	if !errors.As(err, &ours) || ours.Code != code || ours.Field != field || !strings.Contains(ours.Message, says) {
		t.Errorf("error %v, want %s of %s that says %q", err, code, field, says)
	}
}

// readAll gives the first fault of a file.
func readAll(file []byte, o table.Options) error {
	opened, err := table.Open(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		return err
	}
	for _, err := range opened.Rows() {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestFilesThatAreRefused(t *testing.T) {
	good := workbook(t, func(f *excelize.File) { set(t, f, map[string]any{"A1": "名", "B1": "数", "A2": "甲", "B2": 1}) })
	for name, c := range map[string]struct {
		file   []byte
		limits table.Limits
		code   yizhan.ErrorCode
		says   string
	}{
		"empty":                 {nil, table.Limits{}, yizhan.CodeInvalid, "is empty"},
		"blank":                 {[]byte(" \r\n,,\n"), table.Limits{}, yizhan.CodeInvalid, "has no rows"},
		"old workbook":          {[]byte("\xd0\xcf\x11\xe0\xa1\xb1"), table.Limits{}, yizhan.CodeInvalid, "old XLS"},
		"web page":              {[]byte("\n<html><table>"), table.Limits{}, yizhan.CodeInvalid, "web page"},
		"PDF":                   {[]byte("%PDF-1.7"), table.Limits{}, yizhan.CodeInvalid, "PDF"},
		"cut off archive":       {good[:len(good)/2], table.Limits{}, yizhan.CodeInvalid, "damaged or cut off"},
		"another archive":       {zipped(t, map[string]string{"a.txt": "x"}), table.Limits{}, yizhan.CodeInvalid, "not an XLSX"},
		"NUL":                   {[]byte("a,b\n1,\x00\n"), table.Limits{}, yizhan.CodeInvalid, "row 2: is not text"},
		"no text at all":        {[]byte("a,b\n1,\xff\xff\n"), table.Limits{}, yizhan.CodeInvalid, "row 2, column B: has bytes that are no text"},
		"damaged UTF-8":         {[]byte("名称,数量和其他的许多中文字\n甲,1\n乙\xff,2\n"), table.Limits{}, yizhan.CodeInvalid, "row 3: is UTF-8 with bytes"},
		"UTF-8 cut off":         {[]byte("名称,数量和其他的许多中文字\n甲,1\n\xe4\xb9"), table.Limits{}, yizhan.CodeInvalid, "row 3: is UTF-8 with bytes"},
		"quote without end":     {[]byte("a,b\n1,2\n3,\"4\n5,6\n"), table.Limits{}, yizhan.CodeInvalid, "row 3: a quote"},
		"rows":                  {[]byte("a,b\n1,2\n3,4\n5,6\n"), table.Limits{Rows: 2}, yizhan.CodeTooLarge, "more than 2 rows"},
		"columns":               {[]byte("a,b,c\n1,2,3\n"), table.Limits{Columns: 2}, yizhan.CodeTooLarge, "row 1: has more than 2 columns"},
		"cell":                  {[]byte("a,b\n1,aaaaaaaaaaa\n"), table.Limits{CellBytes: 10}, yizhan.CodeTooLarge, "row 2, column B"},
		"bytes":                 {[]byte("a,b\n1,2\n"), table.Limits{Bytes: 4}, yizhan.CodeTooLarge, "8 bytes"},
		"bytes of a sheet":      {good, table.Limits{Bytes: 100}, yizhan.CodeTooLarge, "unpacked"},
		"columns of a sheet":    {good, table.Limits{Columns: 1}, yizhan.CodeTooLarge, "more than 1 columns"},
		"texts of a workbook":   {good, table.Limits{Texts: 30}, yizhan.CodeTooLarge, ""},
		"rows out of order":     {rawWorkbook(t, `<sheetData><row r="2"><c><v>1</v></c></row><row r="1"/></sheetData>`), table.Limits{}, yizhan.CodeInvalid, "out of order"},
		"a missing text":        {rawWorkbook(t, `<sheetData><row><c t="s"><v>7</v></c></row></sheetData>`), table.Limits{}, "", ""},
		"cut off sheet":         {rawWorkbook(t, `<sheetData><row><c><v>1</v></c></row>`), table.Limits{}, yizhan.CodeInvalid, "damaged"},
		"deep":                  {rawWorkbook(t, strings.Repeat("<a>", 100)), table.Limits{}, yizhan.CodeInvalid, "damaged"},
		"an endless text":       {rawWorkbook(t, "<sheetData><row><c><v>"+strings.Repeat("1", 2<<20)), table.Limits{}, yizhan.CodeTooLarge, "bytes in a cell"},
		"merges that overlap":   {rawWorkbook(t, `<sheetData><row><c><v>1</v></c><c><v>1</v></c></row></sheetData><mergeCells>`+strings.Repeat(`<mergeCell ref="A1:B2"/>`, 600)+`</mergeCells>`), table.Limits{}, yizhan.CodeInvalid, "overlap"},
		"a merge without place": {rawWorkbook(t, `<sheetData><row><c><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="1:2"/></mergeCells>`), table.Limits{}, yizhan.CodeInvalid, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			err := readAll(c.file, table.Options{Limits: c.limits})
			if c.code == "" {
				must(t, err)
				return
			}
			checkError(t, err, c.code, "file", c.says)
		})
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"12": "12 true false", " 12.50 ": "12.5 true false", "-3": "-3 true false", "-0": "0 true false", ".5": "0.5 true false", "1e3": "1000 true false",
		"１２．５": "12.5 true false", "８５．３％": "0.853 true true", "85.3%": "0.853 true true", "85.3 %": "0.853 true true", "1.2e1%": "0.12 true true",
		"1,234": "1234 true false", "1,234,567.8": "1.2345678e+06 true false", "１，２３４": "1234 true false", "1 234": "1234 true false", "-1,234": "-1234 true false",
		"": "0 false false", "—": "0 false false", "——": "0 false false", "-": "0 false false", "／": "0 false false", "N/A": "0 false false", "暂无": "0 false false",
		"无": "error", "1,23": "error", "12,34,567": "error", "1.2万": "error", "5‰": "error", "1e999": "error", "NaN": "error", "Inf": "error", "0x10": "error",
		"1_000": "error", "(5)": "error", "12人": "error", "1/2": "error", "2025年": "error", "++1": "error", "%": "error", "1%%": "error",
	} {
		v, err := table.NumberOf(table.Cell{Kind: table.Text, Text: text})
		got := fmt.Sprintf("%v %v %v", v.Value, v.Known, v.Percent)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestCodes(t *testing.T) {
	for text, want := range map[string]string{"150702": "150702", "150702.0": "150702", "１５０７０２": "150702", "150 702": "150702", "'150702": "150702", "": "", "—": "",
		"1.50702E+11": "error", "abc": "error", "15-07": "error"} {
		got, err := table.CodeOf(table.Cell{Kind: table.Text, Text: text})
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, err, want)
		}
	}
}

// TestTextAgreesWithEncodingCSV has the standard library write what we read.
func TestTextAgreesWithEncodingCSV(t *testing.T) {
	pieces := []string{"", "甲", "a b", `"`, ",", "\n", "5", "x", "；", "\t|"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		width := 2 + random.IntN(4)
		rows := [][]string{[]string{"name", "b", "c", "d", "e"}[:width]}
		for n := range 1 + random.IntN(6) {
			row := []string{fmt.Sprintf("r%d", n)}
			for len(row) < width {
				row = append(row, pieces[random.IntN(len(pieces))]+pieces[random.IntN(len(pieces))])
			}
			rows = append(rows, row)
		}
		var file bytes.Buffer
		must(t, csv.NewWriter(&file).WriteAll(rows))
		opened := open(t, file.Bytes(), table.Options{Delimiter: ',', Header: &table.Header{First: 1, Last: 1}})
		_, got := read(t, opened)
		for i, row := range rows[1:] {
			for j := range row {
				row[j] = strings.Trim(row[j], " \t\n")
			}
			if !reflect.DeepEqual(got[i][1:], row) {
				t.Fatalf("%q is read as %q, want %q", file.String(), got[i][1:], row)
			}
		}
	}
}

// TestMemoryIsBounded reads a sheet of forty thousand rows, and looks at the heap on the way.
func TestMemoryIsBounded(t *testing.T) {
	const rows = 40_000
	var sheet strings.Builder
	sheet.WriteString(`<sheetData><row><c t="inlineStr"><is><t>名</t></is></c><c t="inlineStr"><is><t>数</t></is></c></row>`)
	for n := range rows {
		fmt.Fprintf(&sheet, `<row><c t="inlineStr"><is><t>第%d</t></is></c><c><v>%d</v></c></row>`, n, n)
	}
	file := rawWorkbook(t, sheet.String()+`</sheetData>`)
	sheet.Reset()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, sum := heap(), uint64(0), 0
	for row, err := range open(t, file, table.Options{}).Rows() {
		must(t, err)
		v, err := table.NumberOf(row.Cells[1])
		must(t, err)
		sum += int(v.Value)
		if row.Number%10_000 == 0 {
			most = max(most, heap())
		}
	}
	if sum != rows*(rows-1)/2 || most > before+4<<20 {
		t.Errorf("sum %d, heap %d before and %d at most", sum, before, most)
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("旗市区,覆盖率\n海拉尔区,85.3%\n"), 0)
	f.Add([]byte("sep=;\na;\"b\"\"\n\";c\n1;2;3\n"), 0)
	f.Add([]byte("\xff\xfea\x00,\x00b\x00"), 0)
	f.Add([]byte("\xba\xa3\xc0\xad\xb6\xfb,1\n"), 0)
	f.Add([]byte(`<sheetData><row r="2"><c r="B2" t="s"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="B2:C4"/></mergeCells>`), 1)
	f.Add([]byte(`<x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData>`), 1)
	f.Fuzz(func(t *testing.T, file []byte, as int) {
		if as == 1 {
			file = rawWorkbook(t, string(file))
		}
		opened, err := table.Open(bytes.NewReader(file), int64(len(file)), table.Options{Limits: table.Limits{Rows: 100, Columns: 20, CellBytes: 1000, Bytes: 1 << 20, Texts: 1 << 16}})
		if err != nil {
			checkOurs(t, err)
			return
		}
		names := map[string]bool{}
		for _, c := range opened.Columns {
			if c.Name == "" || names[c.Name] {
				t.Errorf("columns %v", opened.Columns)
			}
			names[c.Name] = true
		}
		last := opened.Header.Last
		for row, err := range opened.Rows() {
			if err != nil {
				checkOurs(t, err)
				return
			}
			if row.Number <= last || len(row.Cells) != len(opened.Columns) {
				t.Fatalf("row %d after %d with %d cells of %d", row.Number, last, len(row.Cells), len(opened.Columns))
			}
			last = row.Number
			for _, c := range row.Cells {
				if (c.Kind == table.Empty) != (c.Text == "" && c.Kind != table.Failed) || (c.Kind == table.Failed) != (c.Why != "") {
					t.Errorf("cell %+v", c)
				}
				if v, err := table.NumberOf(c); err == nil && v.Value != v.Value {
					t.Errorf("%+v is %v", c, v)
				}
			}
		}
	})
}

func checkOurs(t *testing.T, err error) {
	t.Helper()
	var ours *yizhan.Error
	if !errors.As(err, &ours) {
		t.Errorf("error %T %v", err, err)
	}
}
