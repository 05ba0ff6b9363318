// How an incident may end: the outcomes its story speaks for, and what ending it does. Pure.

import { DISPOSITIONS, isAsked, isComing, type Disposition } from '../../words';
import type { IncidentDoc } from '../../wire';

/** Outcomes offered first; more would be the whole list again. */
const LIKELY_MAX = 4;

/** Whether anybody has been there; carried units and those left out of the stream count too. */
export function somebodyCame(incident: IncidentDoc): boolean {
  return (
    'on_scene' in incident.phase_times ||
    incident.assignments.some((each) => each.state === 'on_scene' || 'on_scene' in each.times)
  );
}

/** The likeliest first. None is ever chosen for the operator. */
export function likely(incident: IncidentDoc): readonly Disposition[] {
  const first: Disposition[] = incident.given.length > 0 ? ['handed_over'] : [];
  const then: readonly Disposition[] = somebodyCame(incident)
    ? ['resolved_on_spot', 'resolved', 'gone_on_arrival', 'false_alarm']
    : ['by_phone', 'cancelled_before_arrival', 'false_alarm', 'duplicate'];
  return [...first, ...then].slice(0, LIKELY_MAX);
}

/** Every other outcome, in the order of the list. */
export function unlikely(incident: IncidentDoc): readonly Disposition[] {
  const first = likely(incident);
  return DISPOSITIONS.filter((each) => !first.includes(each));
}

/** Who is let go by ending it, and what will no longer happen by itself. */
export interface Ending {
  readonly coming: number;
  readonly asked: number;
  /** When the plan would have gone a step on, ms UTC. */
  readonly step_due_t: number | null;
}

export function ending(incident: IncidentDoc): Ending {
  const states = incident.assignments.map((each) => each.state);
  return {
    coming: states.filter(isComing).length,
    asked: states.filter(isAsked).length,
    step_due_t: incident.calls_held ? null : incident.step_due_t,
  };
}
