// How far the answer to an incident has come, in a few words for a row.

import type { Desk } from '../../desk.svelte';
import { word, type Words } from '../../i18n';
import type { IncidentDoc } from '../../wire';
import { isAsked, isComing } from '../../words';

export function progress(words: Words, incident: IncidentDoc): string {
  const states = incident.assignments.map((assignment) => assignment.state);
  const scene = states.filter((state) => state === 'on_scene').length;
  const coming = states.filter(isComing).length - scene;
  const asked = states.filter(isAsked).length;
  const parts = [
    scene ? words.queue.on_scene(scene) : '',
    coming ? words.queue.coming(coming) : '',
    asked && !scene && !coming ? words.queue.asked(asked) : '',
  ].filter(Boolean);
  if (parts.length) return parts.join(' · ');
  if (states.length) return words.queue.nobody;
  return incident.decisions.length ? words.queue.none_free : words.called.none;
}

/** The tier that the next step carries it to, in words; empty where it is not known. */
export function nextTier(desk: Desk, incident: IncidentDoc): string {
  const plan = desk.planOf(incident);
  const here = plan?.steps.find((step) => step.step === incident.steps.at(-1)?.step);
  const next = plan?.steps.find((step) => step.step === here?.then);
  return next ? word(desk.words.tier, next.tier) : '';
}
