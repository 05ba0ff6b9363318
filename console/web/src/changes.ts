// What happened to an incident while an operator was about to act: the deeds first. Pure.

import { told, type Told } from './story';
import type { StoryDoc } from './wire';

/** Told lines of what changed; the story itself stands on the card. */
export const CHANGES_TOLD_MAX = 3;

/** What settles a race by itself; who did it is what the loser has to know. */
const DECISIVE: ReadonlySet<string> = new Set([
  'IncidentClosed',
  'IncidentReopened',
  'IncidentTaken',
  'CancelAnswered',
]);

/** The gravest few of these lines, those that other lines follow from before those. */
export function changesToTell(lines: readonly StoryDoc[]): readonly Told[] {
  return told(lines)
    .map((line, at) => ({ line, at, rank: rankOf(line.line) }))
    .sort((a, b) => a.rank - b.rank || b.at - a.at)
    .slice(0, CHANGES_TOLD_MAX)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ line }) => line);
}

/** 0: it ended, or is another's now; 1: another deed of a person; 2: what came of it. */
function rankOf(line: StoryDoc): number {
  if (DECISIVE.has(line.what) || (line.what === 'IncidentLinked' && line.how === 'merged')) return 0;
  return line.by !== null && line.unit === null ? 1 : 2;
}
