package table

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/yizhan/yizhan"
)

// maxParts bounds the files of a workbook, maxSmallPart the size of those that are no sheets and no texts.
const (
	maxParts     = 5_000
	maxSmallPart = 16 << 20
	maxDepth     = 64
	maxToken     = 1 << 20 // bytes between two angle brackets
)

// workbook is an opened XLSX file.
type workbook struct {
	parts    map[string]*zip.File // by lower-case path
	limits   Limits
	sheets   []sheetRef
	date1904 bool
	texts    []string // that sheets share
	formats  []cellFormat
}

type sheetRef struct {
	name, part string
	hidden     bool
}

func (t *Table) openWorkbook(r io.ReaderAt, size int64, o Options) error {
	book, err := readWorkbook(r, size, o.Limits)
	if err != nil {
		return err
	}
	t.Format = XLSX
	for _, s := range book.sheets {
		if !s.hidden {
			t.Sheets = append(t.Sheets, s.name)
		}
	}
	chosen, err := book.choose(o.Sheet)
	if err != nil {
		return err
	}
	t.Sheet = chosen.name
	source := &sheetSource{book: book, part: chosen.part}
	if source.merges, err = book.readMerges(chosen.part); err != nil {
		return err
	}
	t.source = source
	return nil
}

func readWorkbook(r io.ReaderAt, size int64, l Limits) (*workbook, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: "is a damaged or cut off workbook", Err: err}
	}
	if len(archive.File) > maxParts {
		return nil, yizhan.Errorf(yizhan.CodeTooLarge, "file", "has %d files in it; a workbook has at most %d", len(archive.File), maxParts)
	}
	book := &workbook{parts: map[string]*zip.File{}, limits: l}
	for _, f := range archive.File {
		book.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
	}
	return book, book.read()
}

// read follows the relations from the root, as the standard has it: the parts may have any name.
func (b *workbook) read() error {
	root, err := b.relations("")
	if err != nil {
		return err
	}
	main := root.byType("officeDocument")
	if main == "" || strings.HasSuffix(strings.ToLower(main), ".bin") || b.parts[strings.ToLower(main)] == nil {
		return yizhan.Invalid("file", "is an archive, but not an XLSX workbook")
	}
	relations, err := b.relations(main)
	if err != nil {
		return err
	}
	if err := b.readSheets(main, relations); err != nil {
		return err
	}
	if part := relations.byType("styles"); part != "" {
		if err := b.readFormats(part); err != nil {
			return err
		}
	}
	if part := relations.byType("sharedStrings"); part != "" {
		return b.readTexts(part)
	}
	return nil
}

// relation links a part to another.
type relation struct{ id, kind, target string }

type relations []relation

func (rs relations) byType(kind string) string {
	for _, r := range rs {
		if path.Base(r.kind) == kind {
			return r.target
		}
	}
	return ""
}

func (rs relations) byID(id string) string {
	for _, r := range rs {
		if r.id == id {
			return r.target
		}
	}
	return ""
}

// relations reads the relations of a part; the root's is "".
func (b *workbook) relations(of string) (found relations, err error) {
	folder, name := path.Split(of)
	part := folder + "_rels/" + name + ".rels"
	if b.parts[strings.ToLower(part)] == nil {
		return nil, nil
	}
	err = b.walk(part, maxSmallPart, func(e event) error {
		if e.start == "Relationship" && e.attr("TargetMode") != "External" {
			target := strings.ReplaceAll(e.attr("Target"), `\`, "/")
			if !strings.HasPrefix(target, "/") {
				target = path.Join("/", folder, target)
			}
			found = append(found, relation{id: e.attr("Id"), kind: e.attr("Type"), target: strings.TrimPrefix(path.Clean(target), "/")})
		}
		return nil
	})
	return found, err
}

func (b *workbook) readSheets(main string, relations relations) error {
	err := b.walk(main, maxSmallPart, func(e event) error {
		switch e.start {
		case "workbookPr":
			b.date1904 = isTrue(e.attr("date1904"))
		case "sheet":
			state := e.attr("state")
			part := relations.byID(e.attr("id"))
			if part != "" && strings.Contains(strings.ToLower(part), "sheets/") && !strings.Contains(strings.ToLower(part), "chartsheets/") {
				b.sheets = append(b.sheets, sheetRef{name: e.attr("name"), part: part, hidden: state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
	if err == nil && len(b.sheets) == 0 {
		return yizhan.Invalid("file", "is a workbook without sheets")
	}
	return err
}

// choose gives the sheet with a name, or the first visible one with cells in it.
func (b *workbook) choose(name string) (sheetRef, error) {
	var first *sheetRef
	for i, s := range b.sheets {
		switch {
		case name != "" && s.name == name:
			return s, nil
		case name != "" || s.hidden:
			continue
		case first == nil:
			first = &b.sheets[i]
		}
		source := &sheetSource{book: b, part: s.part}
		for _, err := range source.rows() {
			if err != nil {
				return s, err
			}
			return s, nil
		}
	}
	switch {
	case name != "":
		return sheetRef{}, yizhan.Invalid("sheet", "the workbook has no sheet of this name")
	case first == nil:
		return sheetRef{}, yizhan.Invalid("file", "all sheets of the workbook are hidden")
	}
	return *first, nil
}

// readTexts reads the texts that the cells of all sheets share.
func (b *workbook) readTexts(part string) error {
	var text strings.Builder
	total := int64(0)
	phonetic := 0 // how to say it stands beside a text and is none of it
	return b.walk(part, 4*b.limits.Texts, func(e event) error {
		switch {
		case e.start == "si":
			text.Reset()
		case e.start == "rPh":
			phonetic++
		case e.end == "rPh":
			phonetic--
		case e.text != nil && e.in == "t" && phonetic == 0:
			if text.Len()+len(e.text) > b.limits.CellBytes {
				return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has a text of more than %d bytes", b.limits.CellBytes)
			}
			text.Write(e.text)
		case e.end == "si":
			if total += int64(text.Len()) + 16; total > b.limits.Texts {
				return yizhan.Errorf(yizhan.CodeTooLarge, "file", "has more than %d MB of text", b.limits.Texts>>20)
			}
			b.texts = append(b.texts, trim(unescape(text.String())))
		}
		return nil
	})
}

// event is a piece of XML: the start of an element, its end, or a text. Names are without a prefix.
type event struct {
	start, end string
	text       []byte // valid until the next event
	in         string // the element that a text is in
	attrs      []xml.Attr
}

func (e *event) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// errEnough stops a walk.
var errEnough = errors.New("enough")

// walk gives the pieces of a part to take, at most limit unpacked bytes of it.
func (b *workbook) walk(part string, limit int64, take func(event) error) error {
	f := b.parts[strings.ToLower(part)]
	if f == nil {
		return yizhan.Invalid("file", "is a damaged workbook: a part of it is missing")
	}
	in, err := f.Open()
	if err != nil {
		return damaged(err)
	}
	defer func() { _ = in.Close() }() // it was only read
	return walkXML(&shortTokens{in: &limited{in: in, left: limit}}, take)
}

func walkXML(in io.Reader, take func(event) error) error {
	decoder := xml.NewDecoder(in)
	decoder.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("not UTF-8") }
	var open []string
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		var e event
		switch token := token.(type) {
		case xml.StartElement:
			if open = append(open, token.Name.Local); len(open) > maxDepth {
				return damaged(errors.New("too deep"))
			}
			e = event{start: token.Name.Local, attrs: token.Attr}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != token.Name.Local {
				return damaged(fmt.Errorf("%s ends, but has not begun", token.Name.Local))
			}
			open = open[:len(open)-1]
			e = event{end: token.Name.Local}
		case xml.CharData:
			if len(open) == 0 {
				continue
			}
			e = event{text: token, in: open[len(open)-1]}
		default:
			continue
		}
		if err := take(e); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func damaged(err error) error {
	var ours *yizhan.Error
	if errors.As(err, &ours) {
		return ours
	}
	return &yizhan.Error{Code: yizhan.CodeInvalid, Field: "file", Message: "is a damaged workbook", Err: err}
}

// limited ends with an error where io.LimitReader would end quietly.
type limited struct {
	in   io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, yizhan.Errorf(yizhan.CodeTooLarge, "file", "is too large when unpacked")
	}
	n, err := l.in.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// shortTokens refuses XML in which there is no end of a text or a tag: the decoder would hold all of it.
type shortTokens struct {
	in  io.Reader
	run int
}

func (s *shortTokens) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	for _, c := range p[:n] {
		if s.run++; c == '<' || c == '>' {
			s.run = 0
		}
		if s.run > maxToken {
			return 0, yizhan.Errorf(yizhan.CodeTooLarge, "file", "has a text of more than %d bytes", maxToken)
		}
	}
	return n, err
}

func isTrue(text string) bool { return text == "1" || text == "true" || text == "on" }

// unescape reads _x000D_ as Excel writes what XML cannot hold. Such characters become spaces.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		var c rune
		if len(text)-i >= 7 && text[i:i+2] == "_x" && text[i+6] == '_' {
			if _, err := fmt.Sscanf(text[i+2:i+6], "%04x", &c); err == nil {
				if c < ' ' {
					c = ' '
				}
				out.WriteRune(c)
				i += 6
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
