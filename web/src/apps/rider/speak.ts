// English arrives only for those who read it: most riders do not, and their page is smaller for it.
import type { Lang } from '../../ui/i18n.ts';

/** Makes a language ready. Without a network what has no English yet stays Chinese. */
export async function speak(lang: Lang): Promise<void> {
  if (lang !== 'en') return;
  await import('./english.ts').catch(() => undefined);
}
