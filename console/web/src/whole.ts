// Joins what the stream tells of an incident with what it leaves out and the API told once. Pure.

import { isLive } from './words';
import type { IncidentDoc } from './wire';

/**
 * The incident as the stream has it now, with the older lines and the units that ended earlier
 * out of `whole`. What is still left out is counted: `whole` may have been read too long ago.
 */
export function completed(now: IncidentDoc, whole: IncidentDoc | null): IncidentDoc {
  if (whole?.id !== now.id) return now;
  // A story only grows, so its first lines are the same ones in both.
  const older = whole.story.slice(0, now.story_left_out);
  const shown = new Set(now.assignments.map((assignment) => assignment.id));
  // One that was live when `whole` was read has ended since, we do not know how.
  const earlier = whole.assignments.filter(({ id, state }) => !shown.has(id) && !isLive(state));
  const whole_story = older.length === now.story_left_out;
  return {
    ...now,
    story: whole_story ? [...older, ...now.story] : now.story,
    story_left_out: whole_story ? 0 : now.story_left_out,
    assignments: [...earlier, ...now.assignments],
    assignments_left_out: Math.max(0, now.assignments_left_out - earlier.length),
  };
}
