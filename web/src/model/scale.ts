// The scale bar of a printed map.

/** The longest round length that is not wider than so many pixels, in metres, and its width. */
export function scaleBar(metersPerPixel: number, mostPixels: number): { meters: number; pixels: number } {
  const most = metersPerPixel * mostPixels;
  const power = 10 ** Math.floor(Math.log10(most));
  const meters = [5, 2, 1].map((step) => step * power).find((length) => length <= most) ?? power;
  return { meters, pixels: meters / metersPerPixel };
}
