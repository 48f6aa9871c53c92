package exports

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"
)

// inWGS84 tells whether coordinates are written as they are.
func (t *Table) inWGS84() bool { return t.Reference.Name == "" || t.Reference.Name == "wgs84" }

// referenceName is the name of the reference, also of the usual one.
func (t *Table) referenceName() string {
	if t.Reference.Name == "" {
		return "wgs84"
	}
	return t.Reference.Name
}

// axes are the words for the two coordinates of a point, for programs and for people.
func (t *Table) axes() (names, titles [2]string) {
	if t.Reference.Projected() {
		return [2]string{"easting", "northing"}, [2]string{"东坐标", "北坐标"}
	}
	return [2]string{"lng", "lat"}, [2]string{"经度", "纬度"}
}

// headings are the heads of a spreadsheet or of CSV: the names or the titles of the columns, where a point takes
// two. Where coordinates may be mistaken, the reference stands behind them: lng(gcj02). An import reads it there.
func (t *Table) headings(titled bool) []string {
	names, titles := t.axes()
	said := ""
	if !t.inWGS84() || titled {
		said = "(" + t.referenceName() + ")"
	}
	var heads []string
	for _, c := range t.Columns {
		switch {
		case c.Type == AreaType:
			heads = append(heads, "wkt"+said)
		case c.Type == PointType && c.Bare && titled:
			heads = append(heads, titles[0]+said, titles[1]+said)
		case c.Type == PointType && c.Bare:
			heads = append(heads, names[0]+said, names[1]+said)
		case c.Type == PointType && titled && t.inWGS84():
			heads = append(heads, c.title()+" lng", c.title()+" lat")
		case c.Type == PointType && titled:
			heads = append(heads, c.title()+" "+titles[0]+said, c.title()+" "+titles[1]+said)
		case c.Type == PointType:
			heads = append(heads, c.Name+"_"+names[0]+said, c.Name+"_"+names[1]+said)
		case titled:
			heads = append(heads, c.title())
		default:
			heads = append(heads, c.Name)
		}
	}
	return heads
}

// moved is a geometry in the reference of the table, with rings as RFC 7946 wants them: counterclockwise outside,
// clockwise for holes. What is in the table stays as it is.
func (t *Table) moved(v Value) orb.Geometry {
	switch {
	case !v.known:
		return nil
	case v.of == PointType:
		return t.Reference.FromWGS84(v.point)
	case v.of == CellType:
		return t.movedPolygon(orb.Polygon{v.cell().Boundary()})
	}
	area := make(orb.MultiPolygon, len(v.area))
	for i, polygon := range v.area {
		area[i] = t.movedPolygon(polygon)
	}
	return area
}

func (t *Table) movedPolygon(polygon orb.Polygon) orb.Polygon {
	moved := make(orb.Polygon, len(polygon))
	for i, ring := range polygon {
		moved[i] = make(orb.Ring, len(ring))
		for j, p := range ring {
			moved[i][j] = t.Reference.FromWGS84(p)
		}
		if (ring.Orientation() == orb.CCW) != (i == 0) {
			moved[i].Reverse()
		}
	}
	return moved
}

// crsName is how a file names the reference: as a URN of EPSG where there is one, or by its own name.
func (t *Table) crsName() string {
	if t.Reference.EPSG == 0 {
		return t.referenceName()
	}
	return fmt.Sprintf("urn:ogc:def:crs:EPSG::%d", t.Reference.EPSG)
}

// referenceFact tells people what the coordinates are in.
func (t *Table) referenceFact() Fact {
	const label = "坐标系 reference"
	switch name := t.referenceName(); {
	case name == "wgs84":
		return Fact{label, "WGS 84 (EPSG:4326), wgs84"}
	case name == "gcj02":
		return Fact{label, "GCJ-02（高德、腾讯地图）, gcj02"}
	case name == "bd09":
		return Fact{label, "BD-09（百度地图）, bd09"}
	case t.Reference.Projected():
		return Fact{label, fmt.Sprintf("CGCS2000 高斯-克吕格，中央经线 %g°E (EPSG:%d), %s", t.Reference.Zone().CentralLng, t.Reference.EPSG, name)}
	default:
		return Fact{label, "CGCS2000 (EPSG:4490), " + strings.TrimSpace(name)}
	}
}
