// Names and reasons in a search for places.
import { ApiError } from '../../api/http.ts';
import type { Site } from '../../model/siting.ts';
import type { Translate } from '../../ui/i18n.ts';
import type { sitingMessages } from './siting-messages.ts';

type Say = Translate<keyof (typeof sitingMessages)['en']>;

/** What a place is called by whoever named it; empty for a hexagon. */
export function nameOfSite({ name, suggestion }: Site, t: Say): string {
  return suggestion === null ? name : t('suggestion', { id: String(suggestion) });
}

/** Why the server refuses a search, where the page can say it better. */
export function sitingFault(error: unknown, t: Say): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const [fault] = error.fields;
  switch (fault?.location.split(/[.[]/)[1]) {
    case 'candidates':
      return t(fault.message.includes('suggestions') ? 'noSuggestions' : 'badCandidates');
    case 'floors':
      return t('badFloors');
    case 'budget':
    case 'cost':
      return t('badBudget');
    default:
      return undefined;
  }
}
