package figures

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers/table"
)

// nearCityDegrees is how far outside the extent of the city a place may lie. Farther off, the coordinates
// are another system's, or swapped.
const nearCityDegrees = 1.0

// heads are what columns of places are called.
var heads = []struct {
	role string
	name *regexp.Regexp
}{
	{yizhan.ColumnLng, regexp.MustCompile(`经度|^(lng|lon|long|longitude|x|x坐标)$`)},
	{yizhan.ColumnLat, regexp.MustCompile(`纬度|^(lat|latitude|y|y坐标)$`)},
	{yizhan.ColumnKind, regexp.MustCompile(`类型|类别|种类|性质|^(kind|type|category)$`)},
	{yizhan.ColumnName, regexp.MustCompile(`名称|名字|点位|^(name|title)$`)},
	{yizhan.ColumnNote, regexp.MustCompile(`备注|说明|地址|^(note|notes|remark|address)$`)},
}

// ReadPlaces reads a table of places. The datum of their coordinates must be said: no file does.
func ReadPlaces(file []byte, ask yizhan.TableAsk, city *yizhan.City) (*yizhan.PlaceTable, error) {
	toWGS84, known := map[yizhan.Datum]func(orb.Point) orb.Point{
		yizhan.DatumWGS84: func(p orb.Point) orb.Point { return p }, yizhan.DatumGCJ02: geo.GCJ02ToWGS84, yizhan.DatumBD09: geo.BD09ToWGS84,
	}[ask.Datum]
	if !known {
		return nil, yizhan.Invalid("datum", "is not one of wgs84, gcj02, bd09: say which system the coordinates are in")
	}
	s, problems, err := readSheet(file, ask)
	if err != nil {
		return nil, err
	}
	roles, err := s.asked(ask, yizhan.ColumnLng, yizhan.ColumnLat, yizhan.ColumnName, yizhan.ColumnKind, yizhan.ColumnNote)
	if err != nil {
		return nil, err
	}
	s.findPlaceColumns(roles)
	r := placeReader{sheet: s, roles: roles, toWGS84: toWGS84, near: extentOf(city).Pad(nearCityDegrees)}
	t := &yizhan.PlaceTable{}
	missing := missingColumns(roles)
	problems = append(problems, missing...)
	for _, row := range s.rows {
		if len(missing) > 0 {
			break
		}
		place, fault := r.place(row)
		if fault != nil {
			problems = append(problems, yizhan.TableProblem{Row: row.Number, Column: fault.column, Why: fault.why})
			continue
		}
		t.Rows = append(t.Rows, yizhan.PlaceRow{Row: row.Number, Place: place})
	}
	t.TableReading = s.reading(roles, problems)
	return t, nil
}

func missingColumns(roles map[string]string) (problems []yizhan.TableProblem) {
	for _, role := range []string{yizhan.ColumnLng, yizhan.ColumnLat, yizhan.ColumnName} {
		if roles[role] == "" {
			problems = append(problems, yizhan.TableProblem{Why: "no column was found for " + role})
		}
	}
	return problems
}

// findPlaceColumns goes by the names of columns; without one of a name it takes the first column of texts.
func (s *sheet) findPlaceColumns(roles map[string]string) {
	for _, h := range heads {
		if _, named := roles[h.role]; named {
			continue
		}
		roles[h.role] = ""
		for _, c := range s.Columns {
			if h.name.MatchString(strings.ToLower(c.Name)) && !taken(roles, c.Letter) {
				roles[h.role] = c.Letter
				break
			}
		}
	}
	if roles[yizhan.ColumnName] != "" || len(s.rows) == 0 {
		return
	}
	for _, c := range s.Columns {
		if cell := s.rows[0].Cells[c.Index]; !taken(roles, c.Letter) && cell.Kind == table.Text {
			if v, err := table.NumberOf(cell); err != nil || !v.Known {
				roles[yizhan.ColumnName] = c.Letter
				return
			}
		}
	}
}

// extentOf is the extent of all cities, or the globe if none has a boundary.
func extentOf(city *yizhan.City) orb.Bound {
	bound, has := orb.Bound{}, false
	for _, unit := range city.Units {
		if unit.Level != yizhan.LevelCity || len(unit.Boundary) == 0 {
			continue
		}
		if !has {
			bound, has = unit.Boundary.Bound(), true
		} else {
			bound = bound.Union(unit.Boundary.Bound())
		}
	}
	if !has {
		return orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	}
	return bound
}

type placeReader struct {
	sheet   *sheet
	roles   map[string]string
	toWGS84 func(orb.Point) orb.Point
	near    orb.Bound
}

type cellFault struct{ column, why string }

func (r *placeReader) place(row table.Row) (p yizhan.LayerPlace, fault *cellFault) {
	var at orb.Point
	for i, role := range []string{yizhan.ColumnLng, yizhan.ColumnLat} {
		v, err := table.NumberOf(r.sheet.cell(row, r.roles[role]))
		switch {
		case err != nil:
			return p, r.fault(role, err.Error())
		case !v.Known:
			return p, r.fault(role, "is empty: the place is nowhere")
		case v.Percent:
			return p, r.fault(role, "is a per cent, not a coordinate")
		}
		at[i] = v.Value
	}
	if !r.near.Contains(at) {
		why := fmt.Sprintf("lng %g, lat %g is far from the city", at[0], at[1])
		if r.near.Contains(orb.Point{at[1], at[0]}) {
			why += ": lng and lat are swapped"
		}
		return p, r.fault(yizhan.ColumnLng, why)
	}
	text := func(role string) string { return r.sheet.cell(row, r.roles[role]).Text }
	p = yizhan.LayerPlace{Name: text(yizhan.ColumnName), Kind: text(yizhan.ColumnKind), Note: text(yizhan.ColumnNote), Location: yizhan.SnapPoint(r.toWGS84(at))}
	if p.Name == "" {
		return p, r.fault(yizhan.ColumnName, "is empty")
	}
	return p, nil
}

func (r *placeReader) fault(role, why string) *cellFault {
	f := &cellFault{why: why}
	if i := r.sheet.column(r.roles[role]); i >= 0 {
		f.column = r.sheet.Columns[i].Name
	}
	return f
}
