import { catalog } from '../../ui/i18n.ts';

/** What offers a newer page; it arrives once the list stands. */
export const updateMessages = catalog(
  { update: '有新版本，点此更新' },
  { update: 'A new version is here: tap to update' },
);
