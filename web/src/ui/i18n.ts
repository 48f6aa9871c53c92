// Messages: Chinese first, English complete. Each page has a catalog of its own; the compiler refuses a
// catalog in which a key has no English, or the English has a key of its own.

import { grouped } from './digits.ts';

/** The languages, the first being the one to fall back to. They are BCP 47 tags. */
export const LANGS = ['zh-CN', 'en'] as const;
export type Lang = (typeof LANGS)[number];

export type Params = Readonly<Record<string, string | number>>;
export type Catalog<K extends string> = Readonly<Record<Lang, Readonly<Record<K, string>>>>;
export type Translate<K extends string> = (key: K, params?: Params) => string;

/** Pairs the Chinese messages with their English. */
export function catalog<const T extends Readonly<Record<string, string>>>(
  chinese: T,
  english: Readonly<Record<keyof T & string, string>>,
): Catalog<keyof T & string> {
  return { 'zh-CN': chinese, en: english };
}

/**
 * The message in the language. `{name}` stands for a parameter, a number being grouped as the language
 * does; `{name:one|many}` gives the word that fits the number.
 */
export function translate<K extends string>(
  messages: Catalog<K>,
  lang: Lang,
  key: K,
  params: Params = {},
): string {
  // English may arrive later than the page.
  const message = (messages[lang] as Partial<Record<K, string>>)[key] ?? messages[LANGS[0]][key];
  return message.replace(placeholder, (whole, name: string, one?: string, many?: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return value === 1 ? one : many;
    if (typeof value === 'string') return value;
    return Number.isInteger(value) ? grouped(value) : value.toLocaleString(lang);
  });
}

const placeholder = /\{(\w+)(?::([^|{}]*)\|([^|{}]*))?\}/g;

/** The names of the parameters of a message, for the test that both languages use the same. */
export function parametersOf(message: string): string[] {
  return [...new Set([...message.matchAll(placeholder)].map((match) => match[1] ?? ''))].sort();
}

/** The first language that we have of those that the reader prefers. */
export function chooseLang(preferred: readonly (string | null | undefined)[]): Lang {
  for (const tag of preferred) {
    const primary = tag?.toLowerCase().split('-')[0];
    const found = LANGS.find((lang) => lang.toLowerCase().split('-')[0] === primary);
    if (found) return found;
  }
  return LANGS[0];
}

/** A name in the reader's language where it has one. */
export function localName(of: { name: string; nameEn?: string | undefined }, lang: Lang): string {
  return lang === 'en' && of.nameEn ? of.nameEn : of.name;
}
