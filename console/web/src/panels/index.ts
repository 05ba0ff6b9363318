// Every panel of the console, by name; App.svelte says where each stands.

export { default as Banner } from './banner/Banner.svelte';
export { default as Bars } from './banner/Bars.svelte';
export { default as Notices } from './banner/Notices.svelte';
export { default as Demo } from './demo/Demo.svelte';
export { default as Dialogs } from './dialogs/Dialogs.svelte';
export { default as Follow } from './login/Follow.svelte';
export { default as LogIn } from './login/LogIn.svelte';
export { default as Office } from './office/Office.svelte';
export { default as IncidentCard } from './incident/IncidentCard.svelte';
export { default as UnitCard } from './incident/UnitCard.svelte';
export { default as Queue } from './queue/Queue.svelte';
export { default as TopBar } from './topbar/TopBar.svelte';
