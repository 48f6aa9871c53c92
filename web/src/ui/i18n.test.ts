import { describe, expect, it } from 'vitest';
import { catalog, chooseLang, LANGS, localName, parametersOf, translate, type Catalog } from './i18n.ts';

const words = catalog(
  { hits: '{n} 个结果,共 {all}', hello: '你好,{name}' },
  { hits: '{n} {n:result|results} of {all}', hello: 'Hello, {name}' },
);

describe('translate', () => {
  it('puts parameters in, numbers grouped', () => {
    expect(translate(words, 'zh-CN', 'hits', { n: 1, all: 12_345 })).toBe('1 个结果,共 12,345');
    expect(translate(words, 'en', 'hits', { n: 1, all: 12_345 })).toBe('1 result of 12,345');
    expect(translate(words, 'en', 'hits', { n: 0, all: 2 })).toBe('0 results of 2');
  });
  it('does not read a parameter as a pattern', () => {
    expect(translate(words, 'en', 'hello', { name: '$& {n}' })).toBe('Hello, $& {n}');
  });
  it('shows what was forgotten', () => {
    expect(translate(words, 'en', 'hello')).toBe('Hello, {name}');
  });
});

// Every catalog of every page, found by itself so that none can be left out.
const modules = import.meta.glob<Record<string, unknown>>(['./messages.ts', '../apps/*/*messages.ts'], {
  eager: true,
});
const catalogs = Object.entries(modules).flatMap(([path, module]) =>
  Object.entries(module)
    .filter((entry): entry is [string, Catalog<string>] => isCatalog(entry[1]))
    .map(([name, messages]) => ({ name: `${path} ${name}`, messages })),
);

describe('the catalogs', () => {
  it('are found', () => {
    expect(catalogs.length).toBeGreaterThanOrEqual(3);
  });

  describe.each(catalogs)('$name', ({ messages }) => {
    const keys = Object.keys(messages['zh-CN']);

    it('has every message in every language', () => {
      for (const lang of LANGS) {
        expect(Object.keys(messages[lang]).sort()).toEqual([...keys].sort());
        for (const text of Object.values(messages[lang])) expect(text.trim()).not.toBe('');
      }
    });
    it('uses the same parameters in both', () => {
      for (const key of keys) {
        expect(parametersOf(messages.en[key] ?? ''), key).toEqual(parametersOf(messages['zh-CN'][key] ?? ''));
      }
    });
    it('leaves no Chinese in the English but for what it quotes', () => {
      for (const [key, text] of Object.entries(messages.en)) {
        expect(text.replaceAll(/“[^”]*”/g, ''), key).not.toMatch(/\p{Script=Han}/u);
      }
    });
  });
});

describe('chooseLang', () => {
  it('takes the first that we have, by its primary tag', () => {
    expect(chooseLang([null, 'fr', 'en-GB'])).toBe('en');
    expect(chooseLang(['zh', 'en'])).toBe('zh-CN');
    expect(chooseLang(['mn'])).toBe('zh-CN');
  });
});

describe('localName', () => {
  it('falls back to the Chinese name', () => {
    expect(localName({ name: '海拉尔区', nameEn: 'Hailar' }, 'en')).toBe('Hailar');
    expect(localName({ name: '海拉尔区', nameEn: '' }, 'en')).toBe('海拉尔区');
    expect(localName({ name: '海拉尔区', nameEn: 'Hailar' }, 'zh-CN')).toBe('海拉尔区');
  });
});

function isCatalog(value: unknown): value is Catalog<string> {
  return typeof value === 'object' && value !== null && LANGS.every((lang) => lang in value);
}
