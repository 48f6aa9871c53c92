import type { Service } from '../model/city.ts';
import { catalog, type Catalog } from './i18n.ts';
import { names, titles } from './services.en.ts';

/** The services by name, short enough for a button. */
export const serviceNames: Catalog<Service> = catalog(
  {
    water: '饮水',
    charging: '充电',
    rest: '休息',
    heating: '取暖',
    toilet: '厕所',
    microwave: '热饭',
    first_aid: '急救',
    wifi: '无线网',
    battery_swap: '换电',
    books: '图书',
    rain_gear: '雨具',
    counselling: '咨询',
  },
  names,
);

/** The services in full, where there is room. */
export const serviceTitles: Catalog<Service> = catalog(
  {
    water: '饮水',
    charging: '手机充电',
    rest: '座位休息',
    heating: '取暖',
    toilet: '卫生间',
    microwave: '微波炉热饭',
    first_aid: '急救药箱',
    wifi: '无线网络',
    battery_swap: '电动车换电',
    books: '图书',
    rain_gear: '雨具和工具',
    counselling: '法律和心理咨询',
  },
  titles,
);
