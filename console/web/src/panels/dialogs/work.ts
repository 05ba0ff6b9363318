// The open work at the end of a shift: what the next operator is given, in the order of need. Pure.

import { hasEnded, isAsked, isComing } from '../../words';
import type { IncidentDoc } from '../../wire';

export interface Work {
  readonly incident: IncidentDoc;
  readonly on_scene: number;
  readonly coming: number;
  readonly asked: number;
}

export interface OpenWork {
  /** Handed over. */
  readonly mine: readonly Work[];
  /** Stays with nobody; whoever comes should know of it. */
  readonly untaken: readonly Work[];
}

/** The most urgent first, then the oldest; what another operator has is not ours to give. */
export function openWork(incidents: Iterable<IncidentDoc>, operator: string): OpenWork {
  const open = [...incidents]
    .filter((each) => !hasEnded(each.phase))
    .sort((a, b) => a.priority - b.priority || a.opened_t - b.opened_t || (a.id < b.id ? -1 : 1));
  return {
    mine: open.filter((each) => each.taken_by === operator).map(workOf),
    untaken: open.filter((each) => each.taken_by === null).map(workOf),
  };
}

/** Who is there, who is coming, who was asked. */
export function workOf(incident: IncidentDoc): Work {
  const states = incident.assignments.map((each) => each.state);
  const on_scene = states.filter((state) => state === 'on_scene').length;
  return {
    incident,
    on_scene,
    coming: states.filter(isComing).length - on_scene,
    asked: states.filter(isAsked).length,
  };
}
