import { mount } from 'svelte';
import '../../ui/base.css';
import './rider.css';
import { Preferences } from '../../ui/preferences.svelte.ts';
import App from './App.svelte';
import { keptPack } from './pack-store.ts';
import { speak } from './speak.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');
const kept = keptPack();
const preferences = new Preferences(new URLSearchParams(location.search));
void speak(preferences.lang).then(() => {
  target.replaceChildren();
  mount(App, { target, props: { preferences, kept } });
});
