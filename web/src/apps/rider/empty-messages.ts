import { catalog } from '../../ui/i18n.ts';

/** What is said where nothing was found; it arrives then. */
export const emptyMessages = catalog(
  {
    emptyTitle: '没有符合全部条件的驿站',
    emptyBody: '去掉“{drop}”，就有 {count} 个，最近的 {distance}。',
    emptyNone: '这里还没有任何驿站的数据。',
  },
  {
    emptyTitle: 'No station meets every filter',
    emptyBody: 'Without “{drop}” there {count:is|are} {count}, the nearest at {distance}.',
    emptyNone: 'There is no data on any station here yet.',
  },
);
