// The order of the queue, and what in it still calls for somebody. Pure; drawing is elsewhere.

import type { State } from './state';
import { hasEnded } from './words';
import type { AlarmDoc, IncidentDoc } from './wire';

/** How many presses of an incident this operator has answered by hand; kept in the page. */
export type Heard = ReadonlyMap<string, number>;

interface Common {
  readonly key: string;
  readonly level: number;
  readonly kind: string;
  readonly covert: boolean;
  readonly late: boolean;
  readonly stored: boolean;
  /** Nobody could be chosen for it: people are called by hand. */
  readonly undecided: boolean;
  /** Of an exercise: it looks and sounds different, and stands behind everything real. */
  readonly drill: boolean;
  readonly since: number;
  /** Nobody has answered it: it sounds, and level 1 stands in the banner. */
  readonly calling: boolean;
}

export type QueueItem =
  | (Common & { readonly what: 'incident'; readonly incident: IncidentDoc })
  | (Common & { readonly what: 'undecided'; readonly alarm: AlarmDoc });

export const undecidedKey = (alarm: AlarmDoc): string => `alarm ${alarm.id}`;

/** Whether whoever sits here may take what happens in a community. */
export type Takes = (community: string) => boolean;

/** Everything open: what is real, of that what calls first, then by level, then the newest. */
export function queue(state: State, operator: string, heard: Heard, takes: Takes): readonly QueueItem[] {
  const undecided = state.undecided.map((alarm) => undecidedItem(alarm, heard));
  const open = [...state.incidents.values()].filter((incident) => !hasEnded(incident.phase));
  const items = [...undecided, ...open.map((incident) => incidentItem(incident, calls(incident, operator, heard, takes)))];
  return items.sort(
    (a, b) =>
      Number(a.drill) - Number(b.drill) ||
      Number(b.calling) - Number(a.calling) ||
      a.level - b.level ||
      b.since - a.since ||
      (a.key < b.key ? -1 : 1),
  );
}

export function endedLately(state: State): readonly IncidentDoc[] {
  return [...state.incidents.values()]
    .filter((incident) => hasEnded(incident.phase))
    .sort((a, b) => (b.closed_t ?? 0) - (a.closed_t ?? 0));
}

/** Real presses in the ten minutes before `now`: more than ten is a flood. */
export function alarmsLately(state: State, now: number): number {
  const since = now - 600_000;
  const real = [...state.incidents.values()].filter((incident) => incident.drill === null);
  const joined = real.flatMap((incident) => incident.alarms);
  const undecided = state.undecided.filter((alarm) => !alarm.drill);
  return [...joined, ...undecided].filter((alarm) => alarm.received_t >= since).length;
}

function undecidedItem(alarm: AlarmDoc, heard: Heard): QueueItem {
  const key = undecidedKey(alarm);
  return {
    what: 'undecided',
    key,
    alarm,
    level: 1,
    kind: alarm.kind,
    covert: alarm.covert,
    late: alarm.late,
    stored: alarm.stored,
    undecided: true,
    drill: alarm.drill,
    since: alarm.received_t,
    calling: !heard.has(key),
  };
}

function incidentItem(incident: IncidentDoc, calling: boolean): QueueItem {
  return {
    what: 'incident',
    key: incident.id,
    incident,
    level: incident.priority,
    kind: incident.kind,
    covert: incident.covert,
    late: incident.alarms.length > 0 && incident.alarms.every((alarm) => alarm.late),
    stored: incident.alarms.every((alarm) => alarm.stored),
    undecided: incident.alarms.some((alarm) => alarm.undecided),
    drill: incident.drill !== null,
    since: incident.opened_t,
    calling,
  };
}

/** Untaken, or pressed again since the operator who has it last answered. Who may only look on
 * hears each press until they say that they heard it. */
function calls(incident: IncidentDoc, operator: string, heard: Heard, takes: Takes): boolean {
  if (incident.taken_by === null) {
    return takes(incident.community) || incident.rings > (heard.get(incident.id) ?? 0);
  }
  if (incident.taken_by !== operator) return false;
  const answered = heard.get(incident.id);
  if (answered !== undefined) return incident.rings > answered;
  return (incident.last_press_t ?? 0) > (incident.taken_t ?? 0);
}
