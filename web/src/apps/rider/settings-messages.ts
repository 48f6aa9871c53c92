import { catalog } from '../../ui/i18n.ts';

/** What the settings say; they arrive with them. */
export const settingsMessages = catalog(
  {
    size: '字号',
    normal: '标准',
    large: '大字',
    appAsk: '每次询问',
    sheets: '门口二维码',
    navApp: '导航地图',
    about: '关于数据',
    privacy: '距离和开门状态都在手机上算，你的位置不会发到服务器。打开地图时，会向服务器要所看地方的地图。',
    seq: '数据版本 {seq}',
    otherPages: '其他页面',
  },
  {
    size: 'Size',
    normal: 'Normal',
    large: 'Large',
    appAsk: 'Ask each time',
    sheets: 'Door sheets',
    navApp: 'Map app for navigation',
    about: 'About the data',
    privacy:
      'Distances and opening are worked out on the phone; your location is not sent to the server. An open map asks the server for the area that it shows.',
    seq: 'Data version {seq}',
    otherPages: 'Other pages',
  },
);
