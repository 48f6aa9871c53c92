package exports

import "github.com/paulmach/orb"

// appendWKT writes polygons as well-known text, with all the digits they have.
func appendWKT(dst []byte, area orb.MultiPolygon) []byte {
	if len(area) == 0 {
		return append(dst, "MULTIPOLYGON EMPTY"...)
	}
	dst = append(dst, "MULTIPOLYGON "...)
	return appendBraced(dst, area, func(dst []byte, polygon orb.Polygon) []byte {
		return appendBraced(dst, polygon, func(dst []byte, ring orb.Ring) []byte {
			return appendBraced(dst, ring, func(dst []byte, p orb.Point) []byte {
				return appendNumber(append(appendNumber(dst, p[0]), ' '), p[1])
			})
		})
	})
}

func appendBraced[E any](dst []byte, list []E, item func([]byte, E) []byte) []byte {
	dst = append(dst, '(')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, e)
	}
	return append(dst, ')')
}
