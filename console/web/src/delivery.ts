// How far a call to one person has come: queued, at the broker, on the device, shown, answered. Pure.

import { DELIVERY, type Delivery } from './words';
import type { AssignmentDoc } from './wire';

export interface Mark {
  readonly step: Delivery;
  readonly reached: boolean;
  /** Null where it is not known: of a step that a later one implies, or that never came. */
  readonly t: number | null;
}

const ANSWERS = ['accepted', 'declined', 'en_route', 'on_scene', 'clear'] as const;

/** The five steps in their order. One that was reached has reached all before it. */
export function delivery(assignment: AssignmentDoc): readonly Mark[] {
  const { times } = assignment;
  const answers = ANSWERS.flatMap((state) => (times[state] === undefined ? [] : [times[state]]));
  const at: Record<Delivery, number | null> = {
    queued: assignment.offered_t,
    at_broker: assignment.at_broker_t,
    received: times['received'] ?? null,
    shown: assignment.shown_t,
    answered: answers.length ? Math.min(...answers) : null,
  };
  const last = DELIVERY.findLastIndex((step) => at[step] !== null);
  return DELIVERY.map((step, index) => ({ step, reached: index <= last, t: at[step] }));
}

/** The furthest step that was reached. */
export const reached = (marks: readonly Mark[]): Delivery =>
  marks.findLast((mark) => mark.reached)?.step ?? 'queued';
