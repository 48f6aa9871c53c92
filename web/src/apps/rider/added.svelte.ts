// What a rider adds to a report: words, a photo, and how to be reached.
import type { NewReport } from '../../model/report.ts';

export class Added {
  text = $state('');
  contact = $state('');
  photo: string | null = $state.raw(null);

  /** What of it there is. */
  get parts(): Partial<NewReport> {
    const text = this.text.trim();
    const contact = this.contact.trim();
    return { ...(text && { text }), ...(contact && { contact }), ...(this.photo && { photo: this.photo }) };
  }
}
