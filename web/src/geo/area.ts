// Area on the WGS84 ellipsoid, through the sphere of equal area: each latitude becomes its authalic one.

const flattening = 1 / 298.257223563;
const eccentricity = Math.sqrt(flattening * (2 - flattening));
const authalicRadiusMetres = 6_371_007.1809;

type Ring = readonly (readonly number[])[];

/** Square metres of a polygon or multipolygon of GeoJSON, holes taken off. */
export function areaSquareMeters(geometry: { type: string; coordinates?: unknown } | null): number {
  switch (geometry?.type) {
    case 'Polygon':
      return polygonArea(geometry.coordinates as Ring[]);
    case 'MultiPolygon':
      return (geometry.coordinates as Ring[][]).reduce((sum, polygon) => sum + polygonArea(polygon), 0);
    default:
      return 0;
  }
}

function polygonArea([outer, ...holes]: readonly Ring[]): number {
  if (!outer) return 0;
  return holes.reduce((sum, hole) => sum - ringArea(hole), ringArea(outer));
}

// The spherical excess of the strips between each edge and the equator.
function ringArea(ring: Ring): number {
  let excess = 0;
  for (let index = 0; index < ring.length; index++) {
    const [lngA = 0, latA = 0] = ring[index] ?? [];
    const [lngB = 0, latB = 0] = ring[(index + 1) % ring.length] ?? [];
    const half = Math.tan(radians(lngB - lngA) / 2);
    const slope =
      (Math.tan(authalic(latA) / 2) + Math.tan(authalic(latB) / 2)) /
      (1 + Math.tan(authalic(latA) / 2) * Math.tan(authalic(latB) / 2));
    excess += 2 * Math.atan(half * slope);
  }
  return Math.abs(excess) * authalicRadiusMetres ** 2;
}

/** The authalic latitude in radians of a geodetic latitude in degrees. */
function authalic(lat: number): number {
  return Math.asin(Math.max(-1, Math.min(1, q(Math.sin(radians(lat))) / q(1))));
}

function q(sine: number): number {
  const es = eccentricity * sine;
  const root = 1 - eccentricity ** 2;
  return root * (sine / (1 - es ** 2) - Math.log((1 - es) / (1 + es)) / (2 * eccentricity));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
