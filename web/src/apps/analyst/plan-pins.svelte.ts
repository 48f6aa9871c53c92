// Keeps a pin on the map for each station that the plan puts somewhere.
import type { CityMap, Pin } from '../../map/map.ts';
import { translate, type Lang } from '../../ui/i18n.ts';
import type { PlacedStation } from './plan.svelte.ts';
import { scenarioMessages } from './scenario-messages.ts';
import { stationName } from './scenario-words.ts';
import type { AnalystState } from './state.svelte.ts';

/** To be called while the page is set up. */
export function followPlan(
  analyst: AnalystState,
  mapNow: () => CityMap | undefined,
  langNow: () => Lang,
): void {
  const { plan } = analyst;
  let pins: Readonly<Record<string, Pin>> = {};

  function labelOf({ code, isNew }: PlacedStation, lang: Lang): string {
    const t = (key: keyof (typeof scenarioMessages)['en'], params?: Record<string, string | number>) =>
      translate(scenarioMessages, lang, key, params);
    const given = plan.touched.find((one) => one.code === code)?.added?.name;
    return t(isNew ? 'pinNew' : 'pinOld', { name: stationName(code, given, { t, lang, known: plan.known }) });
  }

  function place(map: CityMap, station: PlacedStation, label: string): Pin {
    return map.placePin(
      station.at,
      {
        label,
        kind: station.isNew ? 'new' : 'plain',
        chosen: plan.chosen === station.code,
        onChoose: () => void plan.choose(station.code),
      },
      (at) => {
        if (plan.chosen !== station.code) void plan.choose(station.code);
        plan.move(station.code, at);
      },
    );
  }

  $effect(() => {
    const map = mapNow();
    if (!map) return;
    const shown = plan.placed.map((station) => {
      const label = labelOf(station, langNow());
      const pin = pins[station.code] ?? place(map, station, label);
      pin.moveTo(station.at);
      pin.relabel(label);
      pin.choose(plan.chosen === station.code);
      return [station.code, pin] as const;
    });
    const next = Object.fromEntries(shown);
    for (const [code, pin] of Object.entries(pins)) if (!next[code]) pin.remove();
    pins = next;
  });
}
