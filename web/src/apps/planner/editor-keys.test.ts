import { beforeEach, describe, expect, it } from 'vitest';
import { keysOf } from './editor-keys.ts';

const pressed = (key: string, target: Element | null, held: Partial<KeyboardEvent> = {}) =>
  keysOf({ key, target, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('keys', () => {
  beforeEach(() => {
    document.body.innerHTML =
      '<div class="maplibregl-canvas-container"><canvas></canvas></div><input id="name"><input type="radio" id="one"><button></button><dialog><button id="in"></button></dialog>';
  });
  const at = (selector: string) => document.querySelector(selector);

  it('choose tools anywhere but where somebody writes', () => {
    expect(pressed('x', at('canvas'))).toEqual({ do: 'tool', tool: 'cut' });
    expect(pressed('X', at('button'))).toEqual({ do: 'tool', tool: 'cut' });
    expect(pressed('x', at('#one'))).toEqual({ do: 'tool', tool: 'cut' });
    expect(pressed('x', at('#name'))).toBeUndefined();
    expect(pressed('x', at('#in'))).toBeUndefined();
    expect(pressed('x', at('canvas'), { altKey: true })).toBeUndefined();
  });

  it('move the aim only while the map has the focus: a button keeps its own Enter', () => {
    expect(pressed('ArrowUp', at('canvas'), { shiftKey: true })).toEqual({
      do: 'nudge',
      east: 0,
      north: 1,
      fine: true,
    });
    expect(pressed('Enter', at('canvas'))).toEqual({ do: 'press' });
    expect(pressed('Enter', at('button'))).toBeUndefined();
    expect(pressed('ArrowUp', at('button'))).toBeUndefined();
  });

  it('save from anywhere, and leave a field its own undo', () => {
    const ctrl = { ctrlKey: true };
    expect(pressed('s', at('#name'), ctrl)).toEqual({ do: 'save' });
    expect(pressed('z', at('canvas'), ctrl)).toEqual({ do: 'undo' });
    expect(pressed('Z', at('canvas'), { ...ctrl, shiftKey: true })).toEqual({ do: 'redo' });
    expect(pressed('z', at('#name'), ctrl)).toBeUndefined();
    expect(pressed('c', at('canvas'), ctrl)).toBeUndefined();
  });
});
