import { describe, expect, it } from 'vitest';
import { toGcj02 } from './gcj02.ts';
import { isWeChat, navLink, searchLink } from './navlinks.ts';

describe('toGcj02', () => {
  it.each([
    ['Hailar', [119.7364, 49.2122], [119.743772, 49.214141]],
    ['Manzhouli', [117.3786, 49.5977], [117.386898, 49.599668]],
    ['Zhalantun', [122.7375, 48.0135], [122.743846, 48.015618]],
  ] as const)('shifts %s', (_, wgs84, gcj02) => {
    const [lng, lat] = toGcj02(wgs84);
    expect(lng.toFixed(6)).toBe(String(gcj02[0]));
    expect(lat.toFixed(6)).toBe(String(gcj02[1]));
  });
});

describe('navLink', () => {
  const destination = { name: '新春, 社区|工会驿站', at: [119.7364, 49.2122], city: '呼伦贝尔市' } as const;
  const read = (link: string) => {
    const { origin, pathname, searchParams } = new URL(link);
    return { page: origin + pathname, query: Object.fromEntries(searchParams) };
  };

  it('gives Amap lng,lat in GCJ-02', () => {
    expect(read(navLink('amap', destination))).toEqual({
      page: 'https://uri.amap.com/navigation',
      query: {
        to: '119.743772,49.214141,新春， 社区|工会驿站',
        mode: 'ride',
        src: 'yizhan',
        callnative: '1',
      },
    });
  });

  it('gives Baidu lat,lng in WGS84, named as such, and no start', () => {
    expect(read(navLink('baidu', destination))).toEqual({
      page: 'https://api.map.baidu.com/direction',
      query: {
        origin: '我的位置',
        destination: 'latlng:49.212200,119.736400|name:新春, 社区 工会驿站',
        mode: 'riding',
        region: '呼伦贝尔市',
        coord_type: 'wgs84',
        output: 'html',
        src: 'yizhan',
      },
    });
  });

  it('gives Tencent lat,lng in WGS84, named as such', () => {
    expect(read(navLink('tencent', destination))).toEqual({
      page: 'https://apis.map.qq.com/uri/v1/routeplan',
      query: {
        type: 'walk',
        to: '新春, 社区|工会驿站',
        tocoord: '49.212200,119.736400',
        coord_type: '1',
        referer: 'yizhan',
      },
    });
  });

  it('writes a space so that no vendor reads it as a plus', () => {
    expect(navLink('tencent', { ...destination, name: 'a b' })).toContain('to=a%20b');
  });

  it('searches by a word', () => {
    expect(read(searchLink('户外劳动者服务站点', '呼伦贝尔市')).query).toMatchObject({
      keyword: '户外劳动者服务站点',
      city: '呼伦贝尔市',
    });
  });
});

describe('isWeChat', () => {
  it.each([
    ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116.0 Mobile MicroMessenger/8.0.50', true],
    ['Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36', false],
  ])('%s', (agent, expected) => {
    expect(isWeChat(agent)).toBe(expected);
  });
});
