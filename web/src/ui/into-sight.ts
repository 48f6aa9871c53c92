// Brings into sight what was chosen elsewhere, such as the row of what was picked on a map.
import type { Attachment } from 'svelte/attachments';

/** Scrolls the element into sight when it becomes the one. */
export function intoSight(chosen: boolean): Attachment<HTMLElement> {
  return (element) => {
    if (chosen) element.scrollIntoView({ block: 'center' });
  };
}
