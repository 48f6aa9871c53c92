import { mount } from 'svelte';
import '../../ui/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

// What is printed is a page of its own, without the map.
const query = new URLSearchParams(location.search);
const { default: page } = await (query.has('print') ? import('./PrintPage.svelte') : import('./App.svelte'));
mount(page, { target });
