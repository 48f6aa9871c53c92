import { catalog } from '../../ui/i18n.ts';

/** What the page around the sheets says. The sheets themselves bear both languages. */
export const printMessages = catalog(
  {
    title: '门口二维码',
    body: '每个驿站一张 A5，贴在门口。扫码就能看开放时间、服务和附近别的驿站。',
    count: '{place}：{count} 张',
    everywhere: '全市',
    choose: '选旗市区',
    print: '打印',
  },
  {
    title: 'Door sheets',
    body: 'An A5 sheet for the door of each station. It leads to its hours, services and other stations nearby.',
    count: '{place}: {count} {count:sheet|sheets}',
    everywhere: 'The whole city',
    choose: 'Choose a banner',
    print: 'Print',
  },
);
