package demo

import (
	"bytes"
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan/geo/plane"
)

//go:embed data
var files embed.FS

// source is what is known of the real city.
type source struct {
	banners []*banner // in code order, as are all lists below
}

type banner struct {
	code, name, nameEn, kind    string
	seat                        orb.Point
	population, urban, families int
	outline                     [][]plane.Point // rings, open: the shell and the holes in it
	townships                   []*township
	communities                 []*community

	households, grids, leaders int
}

type township struct {
	code, name, kind string
	banner           *banner
	point            *orb.Point // where it is known
	central          bool       // the banner's government has its seat here
	communities      []*community
}

type community struct {
	code, name, kind string
	township         *township
	point            *orb.Point // where it is known

	households, grids int
}

// The kinds of community.
const (
	neighbourhood = "社区"
	village       = "村"
	gacha         = "嘎查"
)

const (
	street       = "街道" // the kind of township that is a part of a town
	outsideLabel = -1
)

func readSource() (*source, error) {
	s := &source{}
	byCode := map[string]*banner{}
	err := readTable("banners.csv", func(row row) error {
		b := &banner{code: row.text("code"), name: row.text("name"), nameEn: row.text("name_en"), kind: row.text("type")}
		b.population, b.urban = row.number("population_2020"), row.number("urban_population_2020")
		b.families = row.number("family_households_2020")
		if seat := row.point("seat_lon", "seat_lat"); seat != nil {
			b.seat = *seat
		}
		byCode[b.code] = b
		s.banners = append(s.banners, b)
		return row.err
	})
	if err == nil {
		err = s.readUnits(byCode)
	}
	if err == nil {
		err = readOutlines(byCode)
	}
	return s, err
}

func (s *source) readUnits(banners map[string]*banner) error {
	townships := map[string]*township{}
	err := readTable("townships.csv", func(row row) error {
		t := &township{code: row.text("code"), name: row.text("name"), kind: row.text("type"), point: row.point("lon", "lat")}
		t.central = row.text("coord_source") == "banner_seat"
		t.banner = banners[row.text("banner_code")]
		townships[t.code] = t
		t.banner.townships = append(t.banner.townships, t)
		return row.err
	})
	if err != nil {
		return err
	}
	return readTable("communities.csv", func(row row) error {
		if row.text("counted") != "1" {
			return row.err
		}
		c := &community{code: row.text("code"), name: row.text("short_name"), kind: row.text("type"), point: row.point("lon", "lat")}
		c.township = townships[row.text("township_code")]
		c.township.communities = append(c.township.communities, c)
		c.township.banner.communities = append(c.township.banner.communities, c)
		return row.err
	})
}

// row is a line of a table with named columns. Its methods keep the first fault in err.
type row struct {
	columns map[string]int
	values  []string
	err     error
}

func (r *row) text(column string) string {
	i, known := r.columns[column]
	if !known {
		r.err = fmt.Errorf("no column %q", column)
		return ""
	}
	return r.values[i]
}

func (r *row) number(column string) int {
	n, err := strconv.Atoi(r.text(column))
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", column, err)
	}
	return n
}

// point gives nil where the columns are empty.
func (r *row) point(lngColumn, latColumn string) *orb.Point {
	if r.text(lngColumn) == "" {
		return nil
	}
	lng, errLng := strconv.ParseFloat(r.text(lngColumn), 64)
	lat, errLat := strconv.ParseFloat(r.text(latColumn), 64)
	if (errLng != nil || errLat != nil) && r.err == nil {
		r.err = fmt.Errorf("%s, %s: not a point", lngColumn, latColumn)
	}
	return &orb.Point{lng, lat}
}

func readTable(name string, each func(row) error) error {
	data, err := files.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	columns := map[string]int{}
	for i, column := range lines[0] {
		columns[column] = i
	}
	for i, values := range lines[1:] {
		if err := each(row{columns: columns, values: values}); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, i+2, err)
		}
	}
	return nil
}

func readOutlines(banners map[string]*banner) error {
	data, err := files.ReadFile("data/banners.geojson")
	if err != nil {
		return err
	}
	var collection struct {
		Features []struct {
			ID       string
			Geometry struct{ Coordinates orb.Polygon }
		}
	}
	if err := json.Unmarshal(data, &collection); err != nil {
		return fmt.Errorf("banners.geojson: %w", err)
	}
	for _, feature := range collection.Features {
		b := banners[feature.ID]
		if b == nil {
			return fmt.Errorf("banners.geojson: no banner %q", feature.ID)
		}
		for _, ring := range feature.Geometry.Coordinates {
			b.outline = append(b.outline, lattice(ring[:len(ring)-1]))
		}
	}
	return nil
}

// perDegree is the lattice of yizhan.Snap.
const perDegree = 1e7

func lattice(ring orb.Ring) []plane.Point {
	points := make([]plane.Point, len(ring))
	for i, p := range ring {
		points[i] = toLattice(p)
	}
	return points
}

func toLattice(p orb.Point) plane.Point {
	return plane.Point{X: int64(math.Round(p[0] * perDegree)), Y: int64(math.Round(p[1] * perDegree))}
}

func fromLattice(p plane.Point) orb.Point {
	return orb.Point{float64(p.X) / perDegree, float64(p.Y) / perDegree}
}
