// Whom the hub asks no more for an incident: rules/asked_once.py and sender_stays.py. Pure.

import { isLive } from './words';
import type { IncidentDoc } from './wire';

/** MAY_BE_ASKED_AGAIN of dispatch/response.py: taken back for these, a unit is free to be asked. */
const MAY_BE_ASKED_AGAIN: ReadonlySet<string> = new Set(['enough', 'off_duty', 'preempted', 'moved']);

/** Units asked since it was last opened, whatever they answered, and those who pressed. */
export function notAskedAgain(incident: IncidentDoc): ReadonlySet<string> {
  const since = incident.story.findLast((line) => line.what === 'IncidentReopened')?.t ?? 0;
  const asked = new Set([
    ...incident.alarms.map((alarm) => alarm.unit),
    // Assignments that the stream leaves out still stand in their wave.
    ...incident.decisions.filter(({ t }) => t >= since).flatMap(({ called }) => called),
  ]);
  const latest = new Map<string, string>();
  for (const each of incident.assignments) {
    if (each.offered_t < since && !isLive(each.state)) continue;
    asked.add(each.unit);
    latest.set(each.unit, each.state);
  }
  for (const line of incident.story) {
    const { what, t, unit, reason } = line;
    if (what !== 'AssignmentWithdrawn' || t < since || unit === null) continue;
    const free = MAY_BE_ASKED_AGAIN.has(reason ?? '') && (latest.get(unit) ?? 'withdrawn') === 'withdrawn';
    if (free) asked.delete(unit);
  }
  return asked;
}
