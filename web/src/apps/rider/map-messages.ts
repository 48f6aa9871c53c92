import { catalog } from '../../ui/i18n.ts';

/** What is said about the map; it arrives with it. */
export const mapMessages = catalog(
  {
    mapLabel: '驿站地图',
    mapStill: '列表照常能用。',
    mapHint: '点地图任意一处，列出离那里最近的驿站',
    mapLoading: '正在打开地图',
  },
  {
    mapLabel: 'Map of stations',
    mapStill: 'The list still works.',
    mapHint: 'Tap anywhere to list the stations nearest to there',
    mapLoading: 'Opening the map',
  },
);
