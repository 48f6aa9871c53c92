// True distance on the WGS84 ellipsoid, by the very formula of the server, so that a phone without a network
// ranks stations as the server does.

/** Longitude, latitude in degrees of WGS84; always in this order. */
export type LngLat = readonly [lng: number, lat: number];

const semiMajorMetres = 6_378_137;
const flattening = 1 / 298.257223563;
const eccentricitySquared = flattening * (2 - flattening);
const meanRadiusMetres = 6_371_008.8;
const seriesLimitMetres = 25_000;

/** Earth-centred coordinates in metres. */
export interface Ecef {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** The point on the ellipsoid in earth-centred coordinates. */
export function toEcef([lng, lat]: LngLat): Ecef {
  const lambda = radians(lng);
  const phi = radians(lat);
  const normal = semiMajorMetres / Math.sqrt(1 - eccentricitySquared * Math.sin(phi) ** 2);
  return {
    x: normal * Math.cos(phi) * Math.cos(lambda),
    y: normal * Math.cos(phi) * Math.sin(lambda),
    z: normal * (1 - eccentricitySquared) * Math.sin(phi),
  };
}

/** Metres between two points: within 0.02 mm of the geodesic at 10 km, 20 mm at 100 km. */
export function distanceMeters(a: LngLat, b: LngLat): number {
  return chordToArc(chordMeters(toEcef(a), toEcef(b)));
}

/** The straight line through the earth. Comparing chords compares distances. */
export function chordMeters(a: Ecef, b: Ecef): number {
  return Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

/** The length on the surface that belongs to a chord. */
export function chordToArc(chord: number): number {
  // The series loses nothing below the limit, where the arcsine would lose digits to rounding.
  if (chord < seriesLimitMetres) return chord * (1 + chord ** 2 / (24 * meanRadiusMetres ** 2));
  return 2 * meanRadiusMetres * Math.asin(Math.min(1, chord / (2 * meanRadiusMetres)));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
