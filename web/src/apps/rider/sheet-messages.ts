import { catalog } from '../../ui/i18n.ts';

/** What every sheet says; it arrives with the first. */
export const sheetMessages = catalog({ close: '关闭' }, { close: 'Close' });
