package gdal

import (
	"regexp"

	"github.com/yizhan/yizhan"
)

// GDAL says what is wrong in words of its own, for those who know its formats. What it is known to say of files that
// are damaged, locked or too large has a sentence here, with the words of GDAL behind it.

type failure struct {
	said    *regexp.Regexp
	meaning string
}

func means(said, meaning string) failure { return failure{regexp.MustCompile("(?i)" + said), meaning} }

// failures has the more special before the more general.
var failures = []failure{
	means(`encrypted|password|file is not a database`, "is encrypted, or not of the format that its beginning says"),
	means(`malformed|disk image|database corruption|sqlite3_.* failed|not a valid|corrupt|Invalid CRC|unexpected EOF|bad zip`, "is damaged"),
	means(`\.shx|\.dbf|Unable to open .*shp|shapefile.*(missing|not found)|Failed to open file .*\.(shx|dbf)`, "is a shapefile of which a part (.shx or .dbf) is missing or damaged"),
	means(`\.(dat|map|id|tab)\b.*(open|missing|not found|fail)|(open|missing|not found|fail).*\.(dat|map|id|tab)\b|MapInfo|TABFile|MIFFile`, "is a MapInfo table of which a part (.dat, .map or .id) is missing or damaged"),
	means(`too large|exceeds|out of memory|cannot allocate|malloc|bad_alloc|maximum|too many`, "is too large, or says that it is"),
	means(`XML|parse error|parsing error|syntax error|not well-formed|mismatched tag|\btag\b|KML`, "is XML that is cut off or not well formed"),
	means(`truncat|cut off|short read|end of file|EOF|fread|read error|Error reading|I/O error|premature|incomplete`, "is cut off"),
	means(`version|unsupported|not supported|not implemented|unhandled|unknown type`, "is of a version or a kind that is not read here"),
	means(`projection|\bcrs\b|\bsrs\b|PROJ|EPSG`, "names a system of coordinates that is not known"),
	means(`geometry|WKB|polygon|ring`, "holds a shape that cannot be read"),
	means(`Couldn't fetch requested layer|layer .*not found|no layer`, "does not have the layer that is asked for"),
	means(`encoding|recode|iconv|UTF-8`, "holds text in an encoding that cannot be read"),
	means(`unable to open|failed to open|cannot open|open.*failed|no such file|not recogni[sz]ed|header|invalid|error|fail`, "cannot be opened: it is damaged, or not of the format that its beginning says"),
}

// explained makes an error for the reader of what GDAL complained about.
func explained(complaint string) *yizhan.Error {
	if complaint == "" {
		return yizhan.Invalid("file", "cannot be read: it took too much time or memory, or is damaged")
	}
	for _, f := range failures {
		if f.said.MatchString(complaint) {
			return yizhan.Invalid("file", "%s (GDAL: %s)", f.meaning, complaint)
		}
	}
	return yizhan.Invalid("file", "cannot be read (GDAL: %s)", complaint)
}
