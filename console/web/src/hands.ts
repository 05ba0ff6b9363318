// Incidents that changed hands between two states of the stream, as one operator sees it. Pure.

import type { IncidentDoc, StoryDoc } from './wire';

export interface Hand {
  readonly incident: IncidentDoc;
  /** Who has it now, or who had it before. */
  readonly other: string;
  readonly words: string;
}

export interface Hands {
  /** Given to this operator by somebody else. */
  readonly given: readonly Hand[];
  /** Taken from this operator. */
  readonly taken: readonly Hand[];
}

const NONE: Hands = { given: [], taken: [] };

/** `asked` are those whose change this operator has asked for: no news. */
export function hands(
  before: ReadonlyMap<string, IncidentDoc>,
  after: ReadonlyMap<string, IncidentDoc>,
  operator: string,
  asked: ReadonlySet<string>,
): Hands {
  if (before === after || before.size === 0) return NONE;
  const given: Hand[] = [];
  const taken: Hand[] = [];
  for (const incident of after.values()) {
    const had = before.get(incident.id)?.taken_by ?? null;
    const has = incident.taken_by;
    if (had === null || has === null || had === has || asked.has(incident.id)) continue;
    const words = lastTaking(incident)?.words ?? '';
    if (has === operator) given.push({ incident, other: had, words });
    if (had === operator) taken.push({ incident, other: has, words });
  }
  return { given, taken };
}

const lastTaking = (incident: IncidentDoc): StoryDoc | undefined =>
  incident.story.findLast((line) => line.what === 'IncidentTaken');
