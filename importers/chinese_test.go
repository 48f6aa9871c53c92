package importers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// messagesOf finds what is said of rows in Go files: the last argument of refuse and note, and what errors.New and
// fmt.Errorf say. Errors that wrap another are for the log, and those of yizhan.Errorf are answers of the API,
// which have codes.
func messagesOf(t *testing.T, pattern string, calls ...string) (messages []string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(paths), err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, isCall := node.(*ast.CallExpr)
			if !isCall || len(call.Args) == 0 {
				return true
			}
			for _, name := range calls {
				if nameOf(call.Fun) == name {
					messages = append(messages, textOf(call)...)
				}
			}
			return true
		})
	}
	return messages
}

func nameOf(function ast.Expr) string {
	switch f := function.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// textOf gives the literal that a call says: its last one with a space in it, in the call or in the Sprintf it ends with.
func textOf(call *ast.CallExpr) (texts []string) {
	for i := len(call.Args) - 1; i >= 0; i-- {
		argument := call.Args[i]
		if nested, is := argument.(*ast.CallExpr); is && nameOf(nested.Fun) == "Sprintf" {
			argument = nested.Args[0]
		}
		literal, is := argument.(*ast.BasicLit)
		if !is || literal.Kind != token.STRING {
			continue
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && strings.Contains(text, " ") && !strings.Contains(text, "%w") {
			return []string{text}
		}
	}
	return nil
}

// TestEveryMessageHasItsChinese reads the sources: what is said of rows, of files and of what is in them has words in
// the table.
func TestEveryMessageHasItsChinese(t *testing.T) {
	values := strings.NewReplacer("%d", "12", "%s", "some", "%g", "1.5", "%q", `"some"`, "%.1f", "3.4", "%.0f", "3", "%.120s", "some")
	var said []string
	for _, source := range []struct{ pattern, calls string }{
		{"intake/*.go", "refuse note leave New Errorf Invalid"}, {"gdal/explain.go", "means"}, {"gdal/*.go", "Invalid"}, {"child/*.go", "Invalid Errorf"},
		{"parquet/*.go", "Invalid"}, {"archive/*.go", "Invalid Errorf"}, {"formats/*.go", "Invalid"}, {"spreadsheet/*.go", "Invalid"}, {"datum/*.go", "Invalid"},
		{"geojson/*.go", "Invalid Errorf New fail"}, {"table/number.go", "Errorf"}, {"table/*.go", "Invalid"}, {"figures/*.go", "Invalid Sprintf problem"},
		{"../hours*.go", "Errorf Invalid"}, {"../station.go", "Invalid Errorf"}, {"../microgrid.go", "Invalid Errorf"}, {"../unit.go", "Invalid Errorf"},
		{"../geometry.go", "Invalid Errorf"}, {"../services_text.go", "Invalid Errorf"},
	} {
		paths, err := filepath.Glob(source.pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files, %v", source.pattern, err)
		}
		said = append(said, messagesOf(t, source.pattern, strings.Fields(source.calls)...)...)
	}
	if len(said) < 200 {
		t.Fatalf("only %d messages were found", len(said))
	}
	for _, text := range said {
		if text != "%s (GDAL: %s)" && text != "%s in %q" && Chinese(values.Replace(text)) == "" { // those two need words for their first part, below
			t.Errorf("no Chinese for %q", text)
		}
	}
}

func TestChinese(t *testing.T) {
	for message, want := range map[string]string{
		"row 12 is about the same":                                     "与第 12 行说的是同一个",
		"[119.1, 49.2] lies outside the city":                          "[119.1, 49.2] 不在本市",
		"the place lies in 天润社区 150702001001":                          "位置在天润社区（150702001001）",
		"is a LineString; a station is a point":                        "图形是 LineString；驿站应是点",
		"overlap by 3.4 m², less than 1 m wide":                        "重叠 3.4 平方米，宽不足 1 米",
		"repaired: leave a gap of 0.2 m², less than 1 m wide":          "已修补：留下 0.2 平方米的空隙，宽不足 1 米",
		"file is a zip archive that cannot be read: it may be cut off": "文件：压缩包读不出来，可能不完整",
		"file is empty":                                            "文件：是空的",
		"a new station needs one of union, bank":                   "新驿站须填下列之一：工会、银行",
		"what nobody has said yet":                                 "",
		"cannot be read: \nhostile":                                "读不出来：\nhostile",
		"file is damaged (GDAL: database disk image is malformed)": "文件：文件损坏（GDAL：database disk image is malformed）",
		"what nobody has said yet (GDAL: x)":                       "",
		`"8:3" is not a time such as 08:30 in "Mo 8:3"`:            `"8:3" 不是钟点，应像 08:30（在 "Mo 8:3" 里）`,
		"somebody in nowhere":                                      "",
	} {
		if got := Chinese(message); got != want {
			t.Errorf("%q is %q, want %q", message, got, want)
		}
	}
}
