package figures_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers/figures"
)

func city() *yizhan.City {
	c := &yizhan.City{Units: map[string]*yizhan.Unit{}}
	for _, line := range []string{
		"150700 city 呼伦贝尔市", "150702 banner 海拉尔区", "150724 banner 鄂温克族自治旗", "150785 banner 根河市",
		"150702001 township 正阳街道", "150702002 township 健康街道", "150724100 township 巴彦托海镇", "150785001 township 正阳街道",
		"150702001001 community 胜利社区", "150702002001 community 胜利社区", "150702002002 community 新华社区", "150724100001 community 阿拉坦嘎查",
	} {
		part := strings.Fields(line)
		level := yizhan.Level(part[1])
		c.Units[part[0]] = &yizhan.Unit{Code: part[0], Level: level, Parent: yizhan.ParentCode(level, part[0]), Name: part[2]}
	}
	c.Units["150700"].Boundary = orb.MultiPolygon{{{{115, 47}, {126, 47}, {126, 53}, {115, 53}, {115, 47}}}}
	return c
}

func readFigures(t *testing.T, file []byte, ask yizhan.TableAsk) *yizhan.FigureTable {
	t.Helper()
	read, err := figures.ReadFigures(file, ask, city())
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// summary tells a table row by row: the row, how it matched, what, and the value.
func summary(read *yizhan.FigureTable) (lines []string) {
	for _, r := range read.Rows {
		value := "-"
		if r.Value != nil {
			value = fmt.Sprint(*r.Value)
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s", r.Row, r.Match, r.Unit, value, strings.Join(r.Candidates, ","))))
	}
	return lines
}

func checkLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func problems(read yizhan.TableReading) (lines []string) {
	for _, p := range read.Problems {
		lines = append(lines, fmt.Sprintf("%d %s: %s", p.Row, p.Column, p.Why))
	}
	return lines
}

// TestTableOfAnOffice has what offices send: GB18030, a title, a head over two rows, names merged at the left
// and gone in the text, sums between.
func TestTableOfAnOffice(t *testing.T) {
	text := "党组织覆盖情况,,,,\n单位：%,,,,\n序号,旗市区,苏木乡镇,党组织,\n,,,数量,覆盖率\n" +
		"1,海拉尔区,正阳,12,85.3%\n2,海拉尔区,健康街道办事处,\"1,204\",９０％\n3,根河市,正阳街道,7,—\n,海拉尔区,小计,1216,\n4,鄂温克旗,巴彦托海,3,50\n,合计,,1226,\n"
	file, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	read := readFigures(t, file, yizhan.TableAsk{})
	if want := map[string]string{"code": "", "name": "C", "parent": "B", "value": "D"}; !reflect.DeepEqual(read.Roles, want) || read.Level != yizhan.LevelTownship ||
		read.Encoding != "GB18030" || read.Header != [2]int{3, 4} {
		t.Errorf("%v, %s, %s, %v", read.Roles, read.Level, read.Encoding, read.Header)
	}
	checkLines(t, summary(read), "5 similar 150702001 12", "6 similar 150702002 1204", "7 name 150785001 7", "8 total  1216", "9 similar 150724100 3", "10 total  1226")
	if len(read.Problems) != 0 {
		t.Errorf("problems %v", read.Problems)
	}

	shares := readFigures(t, file, yizhan.TableAsk{Columns: map[string]string{"value": "E"}})
	if !shares.Percent {
		t.Error("per cent signs were not seen")
	}
	checkLines(t, summary(shares), "5 similar 150702001 0.853", "6 similar 150702002 0.9", "7 name 150785001 -", "8 total  -", "9 similar 150724100 -", "10 total  -")
	checkLines(t, problems(shares.TableReading), "9 党组织 / 覆盖率: is without a per cent sign, which other rows have")
}

func TestRowsFindTheirUnits(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		ask  yizhan.TableAsk
		want []string
	}{
		"by code": {"代码,数\n150702,1\n150785.0,2\n150724000000,3\n150799,4\n", yizhan.TableAsk{},
			[]string{"2 code 150702 1", "3 code 150785 2", "4 code 150724 3", "5 unknown  4"}},
		"by code before name": {"代码,名称,数\n150702,根河市,1\n,根河,2\n", yizhan.TableAsk{}, []string{"2 code 150702 1", "3 similar 150785 2"}},
		"names of two units":  {"社区,数\n胜利社区,1\n新华,2\n", yizhan.TableAsk{}, []string{"2 ambiguous  1 150702001001,150702002001", "3 similar 150702002002 2"}},
		"within the parent":   {"街道,社区,数\n正阳街道,胜利社区,1\n健康,胜利,2\n", yizhan.TableAsk{}, []string{"2 name 150702001001 1", "3 similar 150702002001 2"}},
		"within a unit":       {"社区,数\n胜利社区,1\n新华,2\n", yizhan.TableAsk{Unit: "150702002"}, []string{"2 name 150702002001 1", "3 similar 150702002002 2"}},
		"twice":               {"旗,数\n海拉尔区,1\n呼伦贝尔市海拉尔区,2\n", yizhan.TableAsk{}, []string{"2 name 150702 1", "3 repeated 150702 2"}},
		"sums above parts":    {"单位,数\n呼伦贝尔市,9\n海拉尔区,5\n正阳街道,1\n健康街道,4\n根河,3\n", yizhan.TableAsk{Level: yizhan.LevelBanner}, []string{"2 other_level 150700 9", "3 name 150702 5", "4 unknown  1", "5 other_level 150702002 4", "6 similar 150785 3"}},
		"a mongolian sumu":    {"unit,n\n海拉尔区,5\nBayan Sum,3\n", yizhan.TableAsk{}, []string{"2 name 150702 5", "3 unknown  3"}},
	} {
		t.Run(name, func(t *testing.T) { checkLines(t, summary(readFigures(t, []byte(c.file), c.ask)), c.want...) })
	}
}

// TestFiguresOfWorkbooks reads merged names and refuses a merged figure.
func TestFiguresOfWorkbooks(t *testing.T) {
	f := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "街道", "B1": "社区", "C1": "调解数", "A2": "健康街道", "B2": "胜利社区", "C2": 5, "B3": "新华社区", "A4": "正阳街道", "B4": "胜利社区", "C4": 7} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, area := range [][2]string{{"A2", "A3"}, {"C2", "C3"}} {
		if err := f.MergeCell("Sheet1", area[0], area[1]); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := f.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	read := readFigures(t, file.Bytes(), yizhan.TableAsk{})
	checkLines(t, summary(read), "2 name 150702002001 -", "3 name 150702002002 -", "4 name 150702001001 7")
	checkLines(t, problems(read.TableReading), "2 调解数: is one figure for several cells that are merged: of which unit is it?", "3 调解数: is one figure for several cells that are merged: of which unit is it?")
}

func TestAsksThatDoNotFit(t *testing.T) {
	for field, ask := range map[string]yizhan.TableAsk{
		"value":  {Columns: map[string]string{"value": "Z"}},
		"header": {Header: &[2]int{9, 9}},
	} {
		_, err := figures.ReadFigures([]byte("a,b\n1,2\n"), ask, city())
		if ours := (*yizhan.Error)(nil); !asError(err, &ours) || ours.Field != field {
			t.Errorf("%v, want a fault of %s", err, field)
		}
	}
}

func TestPlaces(t *testing.T) {
	at := orb.Point{119.75, 49.21}
	for datum, shift := range map[yizhan.Datum]func(orb.Point) orb.Point{
		yizhan.DatumWGS84: func(p orb.Point) orb.Point { return p }, yizhan.DatumGCJ02: geo.WGS84ToGCJ02, yizhan.DatumBD09: geo.WGS84ToBD09,
	} {
		p := shift(at)
		file := fmt.Sprintf("名称,类别,经度,纬度,备注\n一号,观察点,%.8f,%.8f,二楼\n二号,,%.8f,%.8f,\n三号,,,49,\n四号,,12,34,\n,,119,49,\n", p[0], p[1], p[1], p[0])
		read, err := figures.ReadPlaces([]byte(file), yizhan.TableAsk{Datum: datum}, city())
		if err != nil {
			t.Fatal(err)
		}
		if len(read.Rows) != 1 || read.Rows[0].Row != 2 || read.Rows[0].Place.Kind != "观察点" || read.Rows[0].Place.Note != "二楼" ||
			geo.Distance(read.Rows[0].Place.Location, at) > 0.1 {
			t.Errorf("%s: %+v", datum, read.Rows)
		}
		if got := problems(read.TableReading); len(got) != 4 || !strings.Contains(got[0], "swapped") || !strings.Contains(got[1], "nowhere") ||
			!strings.Contains(got[2], "far from the city") || got[3] != "6 名称: is empty" {
			t.Errorf("%s: %q", datum, got)
		}
	}
	_, err := figures.ReadPlaces([]byte("a,b\n1,2\n"), yizhan.TableAsk{}, city())
	if ours := (*yizhan.Error)(nil); !asError(err, &ours) || ours.Field != "datum" {
		t.Errorf("%v: the datum must be said", err)
	}
	read, err := figures.ReadPlaces([]byte("名称,数\n甲,1\n"), yizhan.TableAsk{Datum: yizhan.DatumWGS84}, city())
	if err != nil || len(read.Rows) != 0 || len(read.Problems) != 2 {
		t.Errorf("%+v, %v: there are no coordinates", read, err)
	}
}

func FuzzFigures(f *testing.F) {
	f.Add([]byte("代码,名称,数\n150702,海拉尔区,85.3%\n,合计,1\n"))
	f.Add([]byte("街道,社区,数\n正阳街道,胜利社区,1\n"))
	f.Add([]byte("名称,经度,纬度\n甲,119,49\n"))
	units := city()
	f.Fuzz(func(t *testing.T, file []byte) {
		if read, err := figures.ReadFigures(file, yizhan.TableAsk{}, units); err == nil {
			seen := map[string]bool{}
			for _, r := range read.Rows {
				settled := r.Match == yizhan.MatchCode || r.Match == yizhan.MatchName || r.Match == yizhan.MatchSimilar
				if settled && (units.Units[r.Unit] == nil || units.Units[r.Unit].Level != read.Level || seen[r.Unit]) {
					t.Errorf("%+v at level %s", r, read.Level)
				}
				seen[r.Unit] = seen[r.Unit] || settled
			}
		}
		if read, err := figures.ReadPlaces(file, yizhan.TableAsk{Datum: yizhan.DatumBD09}, units); err == nil {
			for _, r := range read.Rows {
				if r.Place.Name == "" || !(r.Place.Location[0] > 100 && r.Place.Location[1] > 40) {
					t.Errorf("%+v", r)
				}
			}
		}
	})
}

func asError(err error, ours **yizhan.Error) bool { return errors.As(err, ours) }
