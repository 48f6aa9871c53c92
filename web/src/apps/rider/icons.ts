import { SERVICES } from '../../model/city.ts';

/** The pictures in icons.svg, by id. Those of the services bear their names. */
export const ICONS = [
  ...SERVICES,
  'arrow-left',
  'bike',
  'check',
  'chevron-down',
  'clock',
  'close',
  'cold',
  'external-link',
  'flame',
  'footprints',
  'list',
  'locate',
  'logo',
  'map',
  'map-pin',
  'navigation',
  'printer',
  'qr',
  'refresh',
  'settings',
  'share',
] as const;
export type IconName = (typeof ICONS)[number];
