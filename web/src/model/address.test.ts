import { describe, expect, it } from 'vitest';
import { formatCamera, parseCamera, parseCode, queryText } from './address.ts';

describe('the camera in an address', () => {
  it('comes back as it went in', () => {
    const camera = { center: [119.7364, 49.2122] as const, zoom: 11.5 };
    expect(formatCamera(camera)).toBe('119.7364,49.2122,11.5');
    expect(parseCamera(formatCamera(camera))).toEqual(camera);
  });

  it.each([
    null,
    '',
    'x',
    '119.7',
    '119.7,49.2',
    '119.7,49.2,11,4',
    '49.2,119.7,11', // lng and lat swapped
    '119.7,NaN,11',
    '119.7,49.2,99',
    '119.7,49.2,-1',
    ',,',
  ])('refuses %s', (text) => {
    expect(parseCamera(text)).toBeNull();
  });
});

describe('parseCode', () => {
  it('takes digits of the right length only', () => {
    expect(parseCode('150702', 6, 9)).toBe('150702');
    for (const bad of [null, '', '15070', '15070x', '150702001001', '１５０７０２']) {
      expect(parseCode(bad, 6, 9)).toBeNull();
    }
  });
});

describe('queryText', () => {
  it('keeps commas readable', () => {
    expect(queryText(new URLSearchParams({ map: '1,2,3' }))).toBe('?map=1,2,3');
    expect(queryText(new URLSearchParams())).toBe('');
  });
});
