import { RefusedError } from '../../api/accounts.ts';
import type { Translate } from '../../ui/i18n.ts';

/** What to say where a password or code was refused; null for other failures, which ErrorState explains. */
export function refusalText(error: unknown, t: Translate<'wrongPassword' | 'wait'>): string | null {
  if (!(error instanceof RefusedError)) return null;
  if (error.code === 'wrong_credentials') return t('wrongPassword');
  if (error.code === 'too_many_requests') return t('wait', { s: Math.max(1, error.retryAfterSeconds) });
  return null;
}
