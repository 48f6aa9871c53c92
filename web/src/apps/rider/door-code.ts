// The QR code of an address, as one path: dark modules on a light field, with the quiet zone that readers need.
import { encode } from 'uqr';

const quietZone = 4;

export interface DoorCode {
  /** Modules on a side, quiet zone included. */
  readonly size: number;
  /** The dark modules, for a viewBox of that size. */
  readonly path: string;
}

/** The code of a link. A seventh of it may be dirty or torn (level M). */
export function doorCode(link: string): DoorCode {
  const { size, data } = encode(link, { ecc: 'M', border: quietZone });
  return { size, path: data.map(pathOfRow).join('') };
}

// Neighbours are drawn in one stroke: seams between them would show in print.
function pathOfRow(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const from = x;
    while (row[x + 1]) x++;
    const length = String(x + 1 - from);
    path += `M${String(from)} ${String(y)}h${length}v1h-${length}z`;
  }
  return path;
}
