import type { Translate } from '../../ui/i18n.ts';

/** A time to wait as one says it. */
export function waitText(seconds: number, t: Translate<'minutes' | 'seconds'>): string {
  if (seconds < 60) return t('seconds', { s: seconds });
  return t('minutes', { m: Math.floor(seconds / 60), s: seconds % 60 });
}
