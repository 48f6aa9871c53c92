// GCJ-02, the shifted datum of Chinese map apps. Only links to those apps use it: everything else here is WGS84.
import type { LngLat } from './distance.ts';

// The ellipsoid of Krasovsky, as the datum was made with.
const semiMajorMetres = 6_378_245;
const eccentricitySquared = 0.006693421622965943;

/** A WGS84 position in GCJ-02. The datum is for China only. */
export function toGcj02([lng, lat]: LngLat): LngLat {
  const phi = (lat / 180) * Math.PI;
  const magic = 1 - eccentricitySquared * Math.sin(phi) ** 2;
  const root = Math.sqrt(magic);
  const metresPerRadianLng = (semiMajorMetres / root) * Math.cos(phi);
  const metresPerRadianLat = (semiMajorMetres * (1 - eccentricitySquared)) / (magic * root);
  const [east, north] = shiftMetres(lng - 105, lat - 35);
  return [lng + degrees(east / metresPerRadianLng), lat + degrees(north / metresPerRadianLat)];
}

// The shift in metres by the offset in degrees from the middle of China.
function shiftMetres(x: number, y: number): readonly [east: number, north: number] {
  const short = 20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI);
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    ((short + waves(x, 20, 40, 1, 3) + waves(x, 150, 300, 12, 30)) * 2) / 3;
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    ((short + waves(y, 20, 40, 1, 3) + waves(y, 160, 320, 12, 30)) * 2) / 3;
  return [east, north];
}

function waves(at: number, first: number, second: number, firstPeriod: number, secondPeriod: number): number {
  return first * Math.sin((at / firstPeriod) * Math.PI) + second * Math.sin((at / secondPeriod) * Math.PI);
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI;
}
