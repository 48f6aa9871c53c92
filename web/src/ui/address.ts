import { queryText } from '../model/address.ts';
import type { Preferences } from './preferences.svelte.ts';

/**
 * Puts the view and the preferences into the address bar. A step that one may want to take back is pushed on
 * the history, everything else replaces the present entry.
 */
export function writeAddress(query: URLSearchParams, preferences: Preferences, step: boolean): void {
  preferences.writeTo(query);
  const address = location.pathname + queryText(query);
  if (address === location.pathname + location.search) return;
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}
