package intake

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

// textOf gives the literal that a call says: its only one with a space in it, in the call or in the Sprintf it ends with.
func textOf(call *ast.CallExpr) (texts []string) {
	last := call.Args[len(call.Args)-1]
	if nested, is := last.(*ast.CallExpr); is && nameOf(nested.Fun) == "Sprintf" {
		last = nested.Args[0]
	} else if nameOf(call.Fun) == "Invalid" && len(call.Args) > 1 {
		last = call.Args[1]
	}
	literal, is := last.(*ast.BasicLit)
	if !is || literal.Kind != token.STRING {
		return nil
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil || !strings.Contains(text, " ") {
		return nil
	}
	return []string{text}
}

// TestEveryMessageHasItsChinese reads the sources: what is said of rows and of files has words in the table.
func TestEveryMessageHasItsChinese(t *testing.T) {
	values := strings.NewReplacer("%d", "12", "%s", "some", "%g", "1.5", "%q", `"some"`, "%.1f", "3.4", "%w", "some")
	said := messagesOf(t, "*.go", "refuse", "note")
	for _, folder := range []string{"archive", "formats", "spreadsheet", "datum"} {
		said = append(said, messagesOf(t, "../"+folder+"/*.go", "Invalid")...)
	}
	if len(said) < 40 {
		t.Fatalf("only %d messages were found", len(said))
	}
	for _, text := range said {
		if Chinese(values.Replace(text)) == "" {
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
		"file is empty":             "文件：是空的",
		"what nobody has said yet":  "",
		"cannot be read: \nhostile": "读不出来：\nhostile",
	} {
		if got := Chinese(message); got != want {
			t.Errorf("%q is %q, want %q", message, got, want)
		}
	}
}
