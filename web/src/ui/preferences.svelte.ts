import { getContext, setContext } from 'svelte';
import { chooseLang, translate, type Catalog, type Lang, type Params, type Translate } from './i18n.ts';

export type Theme = 'day' | 'night';
export type ThemeChoice = 'auto' | Theme;

const context = Symbol('preferences');
const langKey = 'yizhan.lang';
const themeKey = 'yizhan.theme';

/**
 * What the reader chose for every page: language and theme. An address that names one wins over what the
 * browser remembers, so that a shared link looks the same to both readers.
 */
export class Preferences {
  lang: Lang = $state('zh-CN');
  choice: ThemeChoice = $state('auto');
  /** Words that a page puts into its messages wherever they are called for; they may be getters. */
  words?: Params;
  #dark = $state(false);

  constructor(address: URLSearchParams) {
    this.lang = chooseLang([address.get('lang'), remembered(langKey), 'zh-CN']);
    this.choice = themeChoice(address.get('theme') ?? remembered(themeKey));
    const dark = matchMedia('(prefers-color-scheme: dark)');
    this.#dark = dark.matches;
    dark.addEventListener('change', () => (this.#dark = dark.matches)); // as long as the page
  }

  /** The theme to draw in. */
  get theme(): Theme {
    if (this.choice !== 'auto') return this.choice;
    return this.#dark ? 'night' : 'day';
  }

  setLang(lang: Lang): void {
    this.lang = lang;
    remember(langKey, lang);
  }

  setTheme(choice: ThemeChoice): void {
    this.choice = choice;
    remember(themeKey, choice);
  }

  /** Writes the choices into an address, leaving out what is the default. */
  writeTo(address: URLSearchParams): void {
    if (this.lang === 'zh-CN') address.delete('lang');
    else address.set('lang', this.lang);
    if (this.choice === 'auto') address.delete('theme');
    else address.set('theme', this.choice);
  }
}

/** Gives the preferences to all components below, and keeps `<html>` in step with them. */
export function providePreferences(preferences: Preferences): Preferences {
  setContext(context, preferences);
  $effect.pre(() => {
    document.documentElement.lang = preferences.lang;
    document.documentElement.dataset.theme = preferences.theme;
  });
  return preferences;
}

export function usePreferences(): Preferences {
  return getContext<Preferences>(context);
}

/** The messages of a catalog in the reader's language; reactive where it is called in markup or an effect. */
export function useMessages<K extends string>(messages: Catalog<K>): Translate<K> {
  const preferences = usePreferences();
  return (key, params) => translate(messages, preferences.lang, key, { ...preferences.words, ...params });
}

function themeChoice(value: string | null): ThemeChoice {
  return value === 'day' || value === 'night' ? value : 'auto';
}

// A browser may forbid storage; the choice then lasts as long as the page.
function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see above
  }
}
