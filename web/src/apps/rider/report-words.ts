// What became of a report, in a sentence.
import type { Translate } from '../../ui/i18n.ts';
import type { Outgoing } from './outbox.ts';
import type { reportMessages } from './report-messages.ts';

type Say = Translate<keyof (typeof reportMessages)['zh-CN']>;

/** Right after it was given: on its way, waiting, there, or refused. */
export function sayOutcome({ state, report, told, why }: Outgoing, lasting: boolean, say: Say): string {
  switch (state) {
    case 'waiting':
      if (navigator.onLine) return say('sending');
      return say(lasting ? 'waiting' : 'unsaved');
    case 'refused':
      return say('refused', { why: why ?? '' });
    case 'sent':
      if (told?.renewed) return say('renewed');
      return say(report.kind === 'confirmation' && told?.stage === 'converted' ? 'freshAlready' : 'sent');
  }
}
