// What an edit of a scenario does, in words.
import { distanceMeters } from '../../geo/distance.ts';
import type { Station } from '../../model/city.ts';
import type { ScenarioEdit } from '../../model/scenario.ts';
import { formatDistance } from '../../ui/format.ts';
import { translate, type Lang, type Translate } from '../../ui/i18n.ts';
import { serviceNames } from '../../ui/services.ts';
import type { scenarioMessages } from './scenario-messages.ts';

interface Words {
  t: Translate<keyof (typeof scenarioMessages)['en']>;
  lang: Lang;
  known: ReadonlyMap<string, Station>;
}

/** The name of a station; one that the scenario adds may have none. */
export function stationName(code: string, given: string | undefined, { t, known }: Words): string {
  if (given) return given;
  const n = /^new-(\d+)$/.exec(code)?.[1];
  return n === undefined ? (known.get(code)?.name ?? code) : t('newName', { n });
}

export function describeEdit(edit: ScenarioEdit, words: Words): string {
  const { t, lang, known } = words;
  if (edit.kind === 'scale_demand') {
    return t(edit.kind, { name: edit.unit, percent: String(edit.perMille / 10) });
  }
  const name = stationName(edit.station, edit.kind === 'add_station' ? edit.name : undefined, words);
  switch (edit.kind) {
    case 'move_station': {
      const from = known.get(edit.station)?.location;
      const distance = from ? formatDistance(distanceMeters(from, edit.location), lang) : '…';
      return t(edit.kind, { name, distance });
    }
    case 'set_hours':
      return t(edit.kind, { name, hours: edit.openingHours || t('hoursNone') });
    case 'set_services': {
      const services = edit.services.map((service) => translate(serviceNames, lang, service));
      const list = new Intl.ListFormat(lang).format(services);
      return t(edit.kind, { name, services: list || t('servicesNone') });
    }
    case 'set_capacity':
      return t(edit.kind, { name, count: edit.capacity });
    default:
      return t(edit.kind, { name });
  }
}
