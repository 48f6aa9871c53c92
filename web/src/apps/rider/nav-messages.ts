import { catalog } from '../../ui/i18n.ts';

/** What the choice of a map app says; it arrives with it. */
export const navMessages = catalog(
  {
    chooseApp: '用哪个地图导航？',
    chooseAppBody: '选一次就会记住，可在设置里更改。',
    wechatTitle: '微信里打不开地图应用',
    wechatBody: '请点右上角“···”，选“在浏览器打开”，再点导航。或者直接用网页版：',
    wechatWeb: '腾讯地图网页版',
  },
  {
    chooseApp: 'Which map app?',
    chooseAppBody: 'Your choice is remembered. Change it in Settings.',
    wechatTitle: 'WeChat does not open map apps',
    wechatBody: 'Tap “···” at the top right, choose “Open in browser”, then Go. Or use the web map:',
    wechatWeb: 'Tencent Maps on the web',
  },
);
