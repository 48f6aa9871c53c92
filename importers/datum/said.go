package datum

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
)

// Said reads what a file says about its coordinates: EPSG:4528, an OGC name, or well-known text. It gives nil
// for nothing, and an error for a datum that cannot be read here; that of Beijing 54 and Xi'an 80 says why.
func Said(text string) (*geo.Reference, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	if isBeijing54(text) {
		return nil, old("Beijing 54 (北京54)")
	}
	if isXian80(text) {
		return nil, old("Xi'an 80 (西安80)")
	}
	if r := named(text); r != nil {
		return r, nil
	}
	if r := described(text); r != nil {
		return r, nil
	}
	return nil, yizhan.Invalid("file", "the file says that its coordinates are in %s, which is not read here: transform it to WGS84 or CGCS2000", title(text))
}

// old refuses a datum whose way to WGS84 is not public.
func old(name string) error {
	return yizhan.Invalid("file", "the file is in %s, a datum on the Krasovsky or IAG 75 ellipsoid that was given up in 2018. It lies up to 120 m from CGCS2000, "+
		"by seven parameters that differ from place to place and are kept by the survey office (自然资源局): ask them to transform the file to CGCS2000, and import that", name)
}

var (
	epsgPattern = regexp.MustCompile(`(?i)EPSG(?::{1,2}|["',\s/]+|:[0-9.]*:)([0-9]{4,6})`)
	lastID      = regexp.MustCompile(`(?i)(?:ID|AUTHORITY)\["EPSG",\s*"?([0-9]{4,6})"?\]\]\s*$`)
	quoted      = regexp.MustCompile(`"([^"]{1,80})"`)
)

// codeOf finds the EPSG code of the whole: in well-known text, the one at its end.
func codeOf(text string) int {
	match := lastID.FindStringSubmatch(text)
	if match == nil && !strings.Contains(text, "[") {
		match = epsgPattern.FindStringSubmatch(text)
	}
	if match == nil {
		return 0
	}
	code, _ := strconv.Atoi(match[1]) // of at most six digits
	return code
}

func isBeijing54(text string) bool {
	code := codeOf(text)
	return anyOf(text, "beijing 1954", "beijing_1954", "beijing54", "beijing-54", "bj54", "北京54", "new beijing", "d_beijing", "new_beijing") ||
		code == 4214 || code == 4555 || code >= 2401 && code <= 2442 || code >= 21413 && code <= 21483 || code >= 4568 && code <= 4589 || code >= 4652 && code <= 4655 || code >= 4766 && code <= 4800 || code == 4812 || code == 4822
}

func isXian80(text string) bool {
	code := codeOf(text)
	return anyOf(text, "xian 1980", "xian_1980", "xian80", "xian-80", "xi'an", "西安80", "d_xian") || code == 4610 || code >= 2327 && code <= 2390
}

func anyOf(text string, parts ...string) bool {
	text = strings.ToLower(text)
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// named finds a reference by its code or a usual name.
func named(text string) *geo.Reference {
	if local := localName.FindStringSubmatch(text); local != nil {
		text = local[1] // as our own exports say gcj02, which no standard knows
	}
	if r, known := geo.ReferenceOf(strings.ToLower(text)); known {
		return &r
	}
	if code := codeOf(text); code != 0 {
		if r, known := geo.ReferenceOfEPSG(code); known {
			return &r
		}
		if code == 4979 {
			r, _ := geo.ReferenceOf("wgs84")
			return &r
		}
		return nil
	}
	if anyOf(text, "crs84") {
		r, _ := geo.ReferenceOf("wgs84")
		return &r
	}
	return nil
}

// localName is the name of a system that is of no standard, in well-known text of either version.
var localName = regexp.MustCompile(`(?i)^(?:LOCAL_CS|ENGCRS|ENGINEERINGCRS)\["([a-z0-9]{1,20})"`)

var parameter = regexp.MustCompile(`(?i)PARAMETER\["([a-z _]+)",\s*(-?[0-9.]+(?:e[+-]?[0-9]+)?)`)

// described finds a reference by the projection that well-known text describes without a code, as a .prj file of
// ArcGIS does.
func described(text string) *geo.Reference {
	upper := strings.ToUpper(text)
	isChina := anyOf(text, "china_2000", "china 2000", "cgcs2000", "cgcs_2000", "cgcs 2000", "china geodetic coordinate system 2000")
	isWGS := anyOf(text, "wgs_1984", "wgs 84", "wgs84", "wgs 1984", "world geodetic system 1984")
	isProjected := strings.HasPrefix(upper, "PROJC") || strings.HasPrefix(upper, "PROJCRS")
	switch {
	case !isProjected && isChina:
		r, _ := geo.ReferenceOf("cgcs2000")
		return &r
	case !isProjected && isWGS && (strings.HasPrefix(upper, "GEOG") || strings.HasPrefix(upper, "GEODCRS") || strings.HasPrefix(upper, "BOUNDCRS")):
		r, _ := geo.ReferenceOf("wgs84")
		return &r
	case !isProjected || !isChina || !anyOf(text, "gauss_kruger", "gauss-kruger", "transverse_mercator", "transverse mercator"):
		return nil
	}
	central, easting := math.NaN(), math.NaN()
	for _, match := range parameter.FindAllStringSubmatch(text, -1) {
		value, err := strconv.ParseFloat(match[2], 64)
		if err != nil {
			continue
		}
		switch name := strings.ReplaceAll(strings.ToLower(match[1]), "_", " "); name {
		case "central meridian", "longitude of natural origin":
			central = value
		case "false easting":
			easting = value
		}
	}
	var found *geo.Reference
	for _, r := range geo.References() { // the last that fits: zones of 3 degrees are in use, those of 6 hardly
		if r.Projected() && r.Zone().CentralLng == central && r.Zone().FalseEastingM == easting {
			found = &r
		}
	}
	return found
}

// title is a name for a text that may be long.
func title(text string) string {
	if code := codeOf(text); code != 0 {
		return "EPSG:" + strconv.Itoa(code)
	}
	if match := quoted.FindStringSubmatch(text); match != nil {
		return match[1]
	}
	if len(text) > 60 {
		return "a system of its own"
	}
	return strings.ToValidUTF8(text, "�")
}
