// @vitest-environment node
import { readFile } from 'node:fs/promises';
import { PMTiles, TileType, type RangeResponse, type Source } from 'pmtiles';
import { describe, expect, it } from 'vitest';

/** A file as the reader of PMTiles fetches it: by ranges. */
class FileSource implements Source {
  ranges = 0;
  constructor(private readonly path: URL) {}

  getKey(): string {
    return this.path.href;
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    this.ranges++;
    const file = await readFile(this.path);
    return { data: new Uint8Array(file.subarray(offset, offset + length)).buffer };
  }
}

function open(name: string): { archive: PMTiles; source: FileSource } {
  const source = new FileSource(new URL(`../../../tiles/pmtiles/testdata/${name}.pmtiles`, import.meta.url));
  return { archive: new PMTiles(source), source };
}

async function nameAt(archive: PMTiles, z: number, x: number, y: number): Promise<unknown> {
  const tile = await archive.getZxy(z, x, y);
  if (!tile) return undefined;
  return /\d+\/\d+\/\d+|all the same/.exec(new TextDecoder().decode(tile.data))?.[0];
}

// tiles/pmtiles/archive_test.go writes these two and keeps them as they are.
describe.each(['small', 'leaves'])('the archive %s', (name) => {
  it('tells what it holds', async () => {
    const { archive } = open(name);
    const header = await archive.getHeader();
    expect(header).toMatchObject({
      specVersion: 3,
      clustered: true,
      tileType: TileType.Mvt,
      minZoom: 2,
      maxZoom: 8,
    });
    expect([header.minLon, header.minLat, header.maxLon, header.maxLat]).toEqual([117.4, 47.9, 122.8, 49.6]);
    expect([header.centerLon, header.centerLat, header.centerZoom]).toEqual([119.7364, 49.2122, 6]);
    expect(header.leafDirectoryLength ?? 0).toSatisfy((length: number) => length > 0 === (name === 'leaves'));
    expect(await archive.getMetadata()).toMatchObject({
      name: '驿站 small',
      vector_layers: [{ id: 'places', minzoom: 2, maxzoom: 8, fields: { name: 'String' } }],
    });
  });

  it('gives every tile that was put in, and no other', async () => {
    const { archive } = open(name);
    const { numAddressedTiles } = await archive.getHeader();
    let found = 0;
    for (let z = 0; z <= 9; z++) {
      // all tiles of low zooms; around Hailar below that
      const [west, east] = [
        Math.floor(((117.4 + 180) / 360) * 2 ** z),
        Math.floor(((122.8 + 180) / 360) * 2 ** z),
      ];
      const [north, south] = [rowOf(49.6, z), rowOf(47.9, z)];
      for (let x = west - 1; x <= east + 1; x++) {
        for (let y = north - 1; y <= south + 1; y++) {
          if (x < 0 || y < 0 || x >= 2 ** z || y >= 2 ** z) continue;
          const inside = z >= 2 && z <= 8 && x >= west && x <= east && y >= north && y <= south;
          const expected = z === 8 ? 'all the same' : `${z}/${x}/${y}`;
          expect(await nameAt(archive, z, x, y), `${z}/${x}/${y}`).toBe(inside ? expected : undefined);
          if (inside) found++;
        }
      }
    }
    expect(found).toBe(numAddressedTiles);
  });

  it('is opened in one request', async () => {
    const { archive, source } = open(name);
    await archive.getHeader();
    expect(source.ranges).toBe(1);
  });
});

function rowOf(lat: number, z: number): number {
  const mercator = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI;
  return Math.floor(((1 - mercator) / 2) * 2 ** z);
}
