// Incidents and plans in one line, as lists of the dialogs name them.

import type { Desk } from '../../desk.svelte';
import { gridWords, numberWords, word, type Words } from '../../i18n';
import type { IncidentDoc, PlanDoc } from '../../wire';
import { shortName } from './plans';

/** `#007 Fire r12 Grid 3`: enough to tell two incidents apart in a list. */
export function inOneLine(desk: Desk, incident: IncidentDoc): string {
  const who = incident.sender ? desk.callSign(incident.sender) : incident.caller_name;
  const { words } = desk;
  const parts = [numberWords(incident.id), word(words.kind, incident.kind), who];
  return [...parts, gridWords(words, incident.place)].filter(Boolean).join(' ');
}

/** What a plan is for: kinds, class of grid, hours; its own name last. */
export function planInWords(words: Words, plan: PlanDoc): string {
  const kinds = plan.kinds.map((kind) => word(words.kind, kind));
  const parts = [
    kinds.length ? words.common.list(kinds) : words.dialogs.plan.any_kind,
    plan.classes.length ? words.dialogs.plan.classes(words.common.list(plan.classes)) : '',
    words.common.list(plan.hours),
    shortName(plan.id),
  ];
  return parts.filter(Boolean).join(' · ');
}
