package gdal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// OpenStreetMap is read for places that may become stations: what has a name, and rooms that people go into.
const (
	osm       = "osm"
	osmConfig = "osm.ini"
	osmWhere  = "amenity IS NOT NULL OR shop IS NOT NULL OR office IS NOT NULL"
)

// The tags that become columns. The list of closed ways that are areas is GDAL's own, whole: of shorter ones GDAL 3.6 misses
// keys that are longer than most of the list, and with them every building.
const osmTags = `attribute_name_laundering=no
closed_ways_are_polygons=aeroway,amenity,boundary,building,craft,geological,historic,landuse,leisure,military,natural,office,place,shop,sport,tourism,highway=platform,public_transport=platform
[points]
osm_id=yes
attributes=name,amenity,shop,office,opening_hours,addr:full,phone
[multipolygons]
osm_id=yes
attributes=name,amenity,shop,office,opening_hours,addr:full,phone
`

func writeOSMConfig(folder string) error {
	file, err := os.OpenFile(filepath.Join(folder, osmConfig), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("tell GDAL which tags to read: %w", err)
	}
	_, err = file.WriteString(osmTags)
	return errors.Join(err, file.Close())
}
