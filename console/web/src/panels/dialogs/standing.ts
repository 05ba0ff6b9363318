// What stands in the way of a request that a dialog makes ready, as things are by now. Pure.

import { hasEnded } from '../../words';
import type { IncidentDoc } from '../../wire';

/** Who may ask, and when: whoever may steer it; everybody while it is open; once it has ended. */
export type Ask = 'steer' | 'open' | 'after';

/** `ended`: nothing is left to steer. `held`: another has it. `running`: it has not ended, or no more. */
export type Obstacle = 'ended' | 'held' | 'running';

export function obstacle(incident: IncidentDoc, operator: string, ask: Ask): Obstacle | null {
  const ended = hasEnded(incident.phase);
  if (ask === 'after') return ended ? null : 'running';
  if (ended) return 'ended';
  const held = incident.taken_by !== null && incident.taken_by !== operator;
  return ask === 'steer' && held ? 'held' : null;
}
