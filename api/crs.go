package api

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/project"

	"github.com/yizhan/yizhan/cql2"
)

// crs is a coordinate reference system at the wire. Inside there is one: WGS84, lng before lat.
type crs struct {
	uri   string
	read  func(first, second float64) orb.Point // of its coordinates, in the order of its axes
	write func(dst []byte, p orb.Point) []byte
}

const (
	crs84    = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsgBase = "http://www.opengis.net/def/crs/EPSG/0/"
)

// systems are those that can be asked for; the first is the default. CGCS2000 differs from WGS84 by less
// than the centimetre of our grid, and by the movement of the continent that neither states. The order of
// axes is that of the register: EPSG:4326 and EPSG:4490 have lat before lng.
var systems = []*crs{
	{crs84, lngLat, appendPosition},
	{epsgBase + "4326", latLng, appendLatLng},
	{epsgBase + "4490", latLng, appendLatLng},
	{epsgBase + "3857", fromMercator, appendMercator},
}

func lngLat(lng, lat float64) orb.Point { return orb.Point{lng, lat} }

func latLng(lat, lng float64) orb.Point { return orb.Point{lng, lat} }

func fromMercator(x, y float64) orb.Point { return project.Mercator.ToWGS84(orb.Point{x, y}) }

func appendLatLng(dst []byte, p orb.Point) []byte {
	return appendPosition(dst, orb.Point{p[1], p[0]})
}

// appendMercator writes millimetres, which keep the grid of 1e-7 degrees.
func appendMercator(dst []byte, p orb.Point) []byte {
	projected := project.WGS84.ToMercator(p)
	dst = append(dst, '[')
	dst = strconv.AppendFloat(dst, math.Round(projected[0]*1e3)/1e3, 'f', -1, 64)
	dst = append(dst, ',')
	dst = strconv.AppendFloat(dst, math.Round(projected[1]*1e3)/1e3, 'f', -1, 64)
	return append(dst, ']')
}

func crsURIs() []string {
	uris := make([]string, len(systems))
	for i, system := range systems {
		uris[i] = system.uri
	}
	return uris
}

// crsOf finds a system by its URI, or by a short form such as [EPSG:4326]; nil for one that is not known.
func crsOf(name string) *crs {
	if short, ok := strings.CutPrefix(name, "["); ok {
		short = strings.TrimSuffix(short, "]")
		name = strings.Replace(short, "EPSG:", epsgBase, 1)
		if short == "OGC:CRS84" {
			name = crs84
		}
	}
	i := slices.IndexFunc(systems, func(system *crs) bool { return system.uri == name })
	if i < 0 {
		return nil
	}
	return systems[i]
}

// crsParam describes a parameter that names a system.
func crsParam(name, description string) *huma.Param {
	var names []any
	for _, uri := range crsURIs() {
		names = append(names, uri)
	}
	for _, short := range []string{"[OGC:CRS84]", "[EPSG:4326]", "[EPSG:4490]", "[EPSG:3857]"} {
		names = append(names, short)
	}
	return &huma.Param{Name: name, In: "query", Description: description + "; WGS84 with lng before lat if not given. EPSG:4326 and EPSG:4490 have lat before lng",
		Schema: &huma.Schema{Type: huma.TypeString, Enum: names, Default: crs84}}
}

// readIn makes the geometry of a filter, given in a system, one in lng, lat.
func readIn(system *crs, where cql2.Expr) cql2.Expr {
	return cql2.Map(where, func(e cql2.Expr) cql2.Expr {
		shape, ok := e.(*cql2.Shape)
		if !ok {
			return e
		}
		if box, isBox := shape.Geometry.(orb.Bound); isBox {
			min, max := system.read(box.Min[0], box.Min[1]), system.read(box.Max[0], box.Max[1])
			return &cql2.Shape{Geometry: orb.Bound{Min: min, Max: max}, Place: shape.Place}
		}
		moved := project.Geometry(orb.Clone(shape.Geometry), func(p orb.Point) orb.Point { return system.read(p[0], p[1]) })
		return &cql2.Shape{Geometry: moved, Place: shape.Place}
	})
}
