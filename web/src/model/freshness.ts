// How much a confirmation is still worth: what somebody saw in autumn says little of a door in winter.
import { daysBetween } from './hours.ts';

export type Freshness = 'fresh' | 'fading' | 'stale' | 'never';

const freshDays = 14;
const fadingDays = 60;

/** What a confirmation of that moment is worth now. */
export function freshnessAt(confirmedAt: Date | null, now: Date): Freshness {
  if (!confirmedAt) return 'never';
  const days = daysBetween(confirmedAt, now);
  if (days <= freshDays) return 'fresh';
  return days <= fadingDays ? 'fading' : 'stale';
}
