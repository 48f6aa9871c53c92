// Which key does what. The sheet of keys and the buttons are made from the same table.
import type { Tool } from './editor.svelte.ts';

export type KeyCommand =
  | { readonly do: 'tool'; readonly tool: Tool }
  | { readonly do: 'nudge'; readonly east: number; readonly north: number; readonly fine: boolean }
  | { readonly do: 'corner'; readonly step: 1 | -1 }
  | {
      readonly do:
        | 'press'
        | 'cancel'
        | 'delete'
        | 'insert'
        | 'snap'
        | 'undo'
        | 'redo'
        | 'save'
        | 'confirm'
        | 'unassigned'
        | 'problem'
        | 'help'
        | 'focus';
    };

export const TOOL_KEYS: Readonly<Record<Tool, string>> = {
  select: 'V',
  draw: 'D',
  cut: 'X',
  merge: 'M',
  edge: 'E',
  reshape: 'R',
  assign: 'A',
};

const letters: ReadonlyMap<string, KeyCommand> = new Map<string, KeyCommand>([
  ...Object.entries(TOOL_KEYS).map(([tool, key]): [string, KeyCommand] => [
    key.toLowerCase(),
    { do: 'tool', tool: tool as Tool },
  ]),
  ['s', { do: 'snap' }],
  ['u', { do: 'unassigned' }],
  ['p', { do: 'problem' }],
  ['?', { do: 'help' }],
  ['g', { do: 'focus' }],
]);

/** Keys that mean something while the map has the focus; elsewhere they are the page's. */
const onMap: ReadonlyMap<string, KeyCommand> = new Map<string, KeyCommand>([
  ['Enter', { do: 'press' }],
  [' ', { do: 'press' }],
  [',', { do: 'corner', step: -1 }],
  ['.', { do: 'corner', step: 1 }],
  ['Insert', { do: 'insert' }],
  ['+', { do: 'insert' }],
  ['Delete', { do: 'delete' }],
  ['Backspace', { do: 'delete' }],
]);

const arrows: ReadonlyMap<string, readonly [east: number, north: number]> = new Map([
  ['ArrowLeft', [-1, 0]],
  ['ArrowRight', [1, 0]],
  ['ArrowUp', [0, 1]],
  ['ArrowDown', [0, -1]],
]);

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'target'>;

/** What a key is to do; undefined where it belongs to somebody else. */
export function keysOf({ key, ctrlKey, metaKey, altKey, shiftKey, target }: Pressed): KeyCommand | undefined {
  if (altKey) return undefined;
  if (ctrlKey || metaKey) return withControl(key.toLowerCase(), shiftKey, target);
  if (writes(target)) return undefined;
  if (key === 'Escape') return { do: 'cancel' };
  const letter = letters.get(key.toLowerCase());
  if (letter) return letter;
  if (!isMap(target)) return undefined;
  const arrow = arrows.get(key);
  if (arrow) return { do: 'nudge', east: arrow[0], north: arrow[1], fine: shiftKey };
  return onMap.get(key);
}

function withControl(key: string, shift: boolean, target: EventTarget | null): KeyCommand | undefined {
  if (key === 's') return { do: 'save' };
  if (key === 'enter') return { do: 'confirm' };
  if (writes(target)) return undefined; // a field undoes its own typing
  if (key === 'z') return { do: shift ? 'redo' : 'undo' };
  return key === 'y' ? { do: 'redo' } : undefined;
}

function writes(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest(
      'input:not([type="radio"], [type="checkbox"]), textarea, select, dialog, [contenteditable]',
    ) !== null
  );
}

function isMap(target: EventTarget | null): boolean {
  return (
    target === document.body ||
    (target instanceof Element && target.closest('.maplibregl-canvas-container') !== null)
  );
}
