// A map as a picture for paper.
import type { Map as MapLibre } from 'maplibre-gl';

export interface MapPicture {
  readonly canvas: HTMLCanvasElement;
  /** How many metres a pixel of the page is wide at the middle of the map. */
  readonly metersPerPixel: number;
}

/** Half way round the equator of the sphere that web maps are drawn on, in metres. */
const halfway = 20_037_508.342789244;

export function pictureOf(map: MapLibre): MapPicture {
  const { lat } = map.getCenter();
  const metersPerPixel = (2 * halfway * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  return { canvas: map.getCanvas(), metersPerPixel };
}
