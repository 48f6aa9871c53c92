// Package gdal reads the formats of geographic information systems through GDAL's ogr2ogr, as a child process
// with limits of time, memory and output, that dies with its parent. It is given one driver, by the bytes of the
// file, and a path of ours: no network, no archive and no other file is within its reach by name. Its coordinates
// are those of the file; what datum they are in is decided elsewhere.
package gdal
