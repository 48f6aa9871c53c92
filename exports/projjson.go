package exports

import (
	"encoding/json"
	"fmt"
)

// projJSON describes the reference as GeoParquet wants it; nil for WGS84, which needs no word, and null for what
// no standard knows.
func (t *Table) projJSON() json.RawMessage {
	switch {
	case t.inWGS84():
		return nil
	case t.Reference.EPSG == 0:
		return json.RawMessage("null")
	case t.Reference.Projected():
		return t.zoneJSON()
	}
	return json.RawMessage(fmt.Sprintf(cgcs2000JSON, lngLatAxes, `,"id":{"authority":"EPSG","code":4490}`))
}

const (
	schemaJSON = `"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json",`

	cgcs2000JSON = `{` + schemaJSON + `"type":"GeographicCRS","name":"China Geodetic Coordinate System 2000",` + cgcs2000Datum + `,%s%s}`

	cgcs2000Datum = `"datum":{"type":"GeodeticReferenceFrame","name":"China 2000",` +
		`"ellipsoid":{"name":"CGCS2000","semi_major_axis":6378137,"inverse_flattening":298.257222101}}`

	lngLatAxes = `"coordinate_system":{"subtype":"ellipsoidal","axis":[` +
		`{"name":"Longitude","abbreviation":"lon","direction":"east","unit":"degree"},` +
		`{"name":"Latitude","abbreviation":"lat","direction":"north","unit":"degree"}]}`

	zoneJSON = `{` + schemaJSON + `"type":"ProjectedCRS","name":"CGCS2000 / Gauss-Kruger CM %gE",` +
		`"base_crs":{"name":"China Geodetic Coordinate System 2000",` + cgcs2000Datum + `,` + lngLatAxes + `},` +
		`"conversion":{"name":"Gauss-Kruger CM %gE","method":{"name":"Transverse Mercator","id":{"authority":"EPSG","code":9807}},"parameters":[` +
		`{"name":"Latitude of natural origin","value":0,"unit":"degree"},{"name":"Longitude of natural origin","value":%g,"unit":"degree"},` +
		`{"name":"Scale factor at natural origin","value":1,"unit":"unity"},` +
		`{"name":"False easting","value":%.0f,"unit":"metre"},{"name":"False northing","value":0,"unit":"metre"}]},` +
		`"coordinate_system":{"subtype":"Cartesian","axis":[` +
		`{"name":"Easting","abbreviation":"E","direction":"east","unit":"metre"},` +
		`{"name":"Northing","abbreviation":"N","direction":"north","unit":"metre"}]},"id":{"authority":"EPSG","code":%d}}`
)

func (t *Table) zoneJSON() json.RawMessage {
	zone := t.Reference.Zone()
	return json.RawMessage(fmt.Sprintf(zoneJSON, zone.CentralLng, zone.CentralLng, zone.CentralLng, zone.FalseEastingM, t.Reference.EPSG))
}
