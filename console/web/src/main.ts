// Starts the console on the page.

import { mount } from 'svelte';
import 'ol/ol.css';
import './tokens.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the console');
mount(App, { target });
