// Names and reasons in a search for places.
import { ApiError } from '../../api/http.ts';
import type { Site, Siting } from '../../model/siting.ts';
import { formatCount, formatShare } from '../../ui/format.ts';
import type { Lang, Translate } from '../../ui/i18n.ts';
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

/** What the sites come to, by what was sought. */
export function whatIsFound(siting: Siting, t: Say, lang: Lang): string {
  const { model, share, objective } = siting;
  const say = { p: siting.sites.length, objective: formatCount(Math.round(objective), lang) };
  if (model !== 'lscp') return t(model === 'mclp' ? 'found' : 'found_second_cover', say);
  const key = !siting.possible ? 'impossible' : reached(siting) ? 'found_lscp' : 'unfinished';
  return t(key, {
    ...say,
    ...sharesOf(siting, lang),
    share: asked(share, lang),
  });
}

/** How far any other choice could be better, which is proved. */
export function howGood(siting: Siting, t: Say, lang: Lang): string {
  const { model, atLeast, sites, proved, possible } = siting;
  if (model === 'lscp') {
    if (!possible || !reached(siting)) return '';
    if (proved || atLeast === null) return t('proved_lscp');
    const gap = sites.length - atLeast;
    return t('bound_lscp', { least: atLeast, gap });
  }
  if (proved) return t('proved');
  return t(model === 'mclp' ? 'bound' : 'bound_second_cover', {
    p: sites.length,
    bound: formatCount(Math.ceil(siting.bound), lang),
    gap: formatShare(siting.gapShare, lang),
  });
}

/** Why there are no sites. */
export function foundNothing(siting: Siting, t: Say, lang: Lang): string {
  const { model, uncovered, share } = siting;
  if (model === 'lscp') {
    const key = reached(siting) ? 'met' : 'unmeetable';
    return t(key, { ...sharesOf(siting, lang), share: asked(share, lang) });
  }
  const none = model === 'mclp' ? 'nothing' : 'nothing_second_cover';
  return t(uncovered > 0 ? 'nowhere' : none);
}

function sharesOf({ households, coveredBefore, objective }: Siting, lang: Lang) {
  return {
    before: formatShare(coveredBefore / households, lang),
    after: formatShare((coveredBefore + objective) / households, lang),
  };
}

/** A share that somebody typed, as it was typed. */
function asked(share: number | null, lang: Lang): string {
  return (share ?? 0).toLocaleString(lang, { style: 'percent', maximumFractionDigits: 1 });
}

function reached({ households, coveredBefore, objective, share }: Siting): boolean {
  return coveredBefore + objective >= (share ?? 0) * households - 1e-6 * households;
}
