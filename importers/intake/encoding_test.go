package intake_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/importers/intake"
)

// TestAnotherEncodingIsChosen takes a file in an encoding that was found, then in one that a person forces: the wrong one
// garbles the preview or is refused with its row, and the right one brings the very texts back.
func TestAnotherEncodingIsChosen(t *testing.T) {
	o := newOffice(t)
	text, err := simplifiedchinese.GB18030.NewEncoder().String("驿站编码,驿站名称,座位数\n150702-0001,老驿站1,31\n")
	if err != nil {
		t.Fatal(err)
	}
	im, err := o.inspect(t, write(t, "a.csv", text), intake.Settings{Collection: intake.Stations})
	if err != nil {
		t.Fatal(err)
	}
	head := im.State().Inspection.Head
	if head.Encoding != "GB18030" || !slices.Contains(head.Encodings, "UTF-8") || !slices.Contains(head.Encodings, "UTF-16LE") {
		t.Fatalf("%+v", head)
	}
	reads := func(encoding string) (string, error) {
		settings := im.State().Settings
		settings.Encoding = encoding
		again, err := im.Set(settings)
		if err != nil || !again {
			t.Fatalf("%s: read again %v, %v", encoding, again, err)
		}
		if err := im.Inspect(t.Context(), quiet); err != nil {
			return "", err
		}
		found := im.State().Inspection
		if found.Head.Encoding != encoding {
			t.Errorf("%s was forced, %s is told", encoding, found.Head.Encoding)
		}
		return strings.Join(found.Head.Columns, " "), nil
	}
	if columns, err := reads("UTF-16LE"); err == nil && strings.Contains(columns, "驿站") {
		t.Errorf("as UTF-16 it is %q", columns)
	} else if err != nil && yizhan.CodeOf(err) != yizhan.CodeInvalid {
		t.Error(err)
	}
	if columns, err := reads("UTF-8"); err == nil && strings.Contains(columns, "驿站") {
		t.Errorf("as UTF-8 it is %q", columns)
	} else if err != nil && yizhan.CodeOf(err) != yizhan.CodeInvalid {
		t.Error(err)
	}
	columns, err := reads("GB18030")
	if err != nil || columns != "驿站编码 驿站名称 座位数" {
		t.Fatalf("%q, %v", columns, err)
	}
	if err := im.Check(t.Context(), o.by, quiet); err != nil || im.State().Summary.Updated != 1 {
		t.Errorf("%+v, %v", im.State().Summary, err)
	}
	settings := im.State().Settings
	settings.Encoding = "Big5"
	if _, err := im.Set(settings); yizhan.CodeOf(err) != yizhan.CodeInvalid || !strings.HasPrefix(err.Error(), "encoding: ") {
		t.Errorf("an encoding that is not offered: %v", err)
	}
}
