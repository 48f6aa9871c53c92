// Links that open a map app with the way to a place, each in the order and the datum that its maker reads.
import type { LngLat } from './distance.ts';
import { toGcj02 } from './gcj02.ts';

/** The map apps, the most used first. */
export const NAV_APPS = ['amap', 'baidu', 'tencent'] as const;
export type NavApp = (typeof NAV_APPS)[number];

export interface Destination {
  name: string;
  /** WGS84. */
  at: LngLat;
  /** The city it is in; Baidu wants it where the start is not a coordinate. */
  city: string;
}

const source = 'yizhan';

/** The address that starts navigation in the app, or in its web page where the app is not installed. */
export function navLink(app: NavApp, { name, at, city }: Destination): string {
  switch (app) {
    case 'amap': {
      const [lng, lat] = toGcj02(at);
      return address('https://uri.amap.com/navigation', {
        to: `${degrees(lng)},${degrees(lat)},${amapName(name)}`,
        mode: 'ride',
        src: source,
        callnative: '1',
      });
    }
    case 'baidu':
      return address('https://api.map.baidu.com/direction', {
        origin: '我的位置', // the app finds it; we do not tell where the rider is
        destination: `latlng:${latLng(at)}|name:${name.replaceAll('|', ' ')}`,
        mode: 'riding',
        region: city,
        coord_type: 'wgs84',
        output: 'html',
        src: source,
      });
    case 'tencent':
      return address('https://apis.map.qq.com/uri/v1/routeplan', {
        type: 'walk',
        to: name,
        tocoord: latLng(at),
        coord_type: '1', // WGS84
        referer: source,
      });
  }
}

/** A search for a word in Amap's own map, for when our own data cannot be had. */
export function searchLink(word: string, city: string): string {
  return address('https://uri.amap.com/search', { keyword: word, city, src: source, callnative: '1' });
}

/** Whether the page is shown inside WeChat, which does not let a page start another app. */
export function isWeChat(userAgent: string): boolean {
  return /MicroMessenger/i.test(userAgent);
}

function address(page: string, query: Record<string, string>): string {
  return `${page}?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`;
}

// A comma would end the name.
function amapName(name: string): string {
  return name.replaceAll(',', '，');
}

function latLng([lng, lat]: LngLat): string {
  return `${degrees(lat)},${degrees(lng)}`;
}

// A tenth of a metre.
function degrees(value: number): string {
  return value.toFixed(6);
}
