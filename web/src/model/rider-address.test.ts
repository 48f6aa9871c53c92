import { describe, expect, it } from 'vitest';
import { readAddress, writeAddress } from './rider-address.ts';

const read = (path: string) => readAddress(new URL(path, 'https://yizhan.example'));

describe('readAddress', () => {
  it('opens the list with what is open now', () => {
    expect(read('/')).toEqual({
      screen: { name: 'list' },
      filters: { openNow: true, services: [] },
      place: null,
      map: false,
      cold: false,
    });
  });

  it.each([
    ['/s/150702-001', '150702-001'],
    ['/s/150702-001/', '150702-001'],
    ['/s/%E9%A9%BF', '驿'],
    ['/s/%E9', '%E9'],
  ])('opens the station of %s', (path, code) => {
    expect(read(path).screen).toEqual({ name: 'station', code });
  });

  it('opens the sheets for the doors', () => {
    expect(read('/s/print').screen).toEqual({ name: 'print' });
  });

  it('leaves out what it does not know', () => {
    expect(read('/?services=sauna,water&place=x&open=never&map=yes')).toEqual({
      screen: { name: 'list' },
      filters: { openNow: true, services: ['water'] },
      place: null,
      map: false,
      cold: false,
    });
  });
});

describe('writeAddress', () => {
  it.each([
    '/',
    '/?open=any',
    '/?services=water,heating&place=150702&map=1',
    '/s/150702-001?lang=en&services=charging',
    '/s/%E9%A9%BF',
    '/?cold=1',
    '/s/print?place=150702',
  ])('keeps %s', (path) => {
    const { searchParams } = new URL(path, 'https://yizhan.example');
    const others = new URLSearchParams();
    const lang = searchParams.get('lang');
    if (lang) others.set('lang', lang);
    expect(writeAddress(read(path), others)).toBe(path);
  });

  it('takes away what is no longer so', () => {
    expect(writeAddress(read('/'), new URLSearchParams('services=water&open=any&lang=en'))).toBe('/?lang=en');
  });
});
