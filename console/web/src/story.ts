// Shortens an incident's story: what happened to many units in one breath is one line. Pure.

import type { StoryDoc } from './wire';

/** A line, and all units it is about. */
export interface Told {
  readonly line: StoryDoc;
  readonly units: readonly string[];
}

/** The same fact about several units within this long is told once, ms. */
const ONE_BREATH_MS = 1_000;
/** What a person did, and what is said in words, stands alone. */
const ALONE: ReadonlySet<string> = new Set(['NoteAdded', 'UnitDeclined', 'GatewayTried', 'CancelRequested']);

/** Oldest first, as it came. */
export function told(story: readonly StoryDoc[]): readonly Told[] {
  const lines: { line: StoryDoc; units: string[] }[] = [];
  for (const line of story) {
    const unit = line.unit;
    const same = unit === null ? undefined : lines.findLast((held) => joins(held.line, line));
    if (same && unit !== null && lines.indexOf(same) >= lines.length - 3) same.units.push(unit);
    else lines.push({ line, units: unit === null ? [] : [unit] });
  }
  return lines;
}

function joins(held: StoryDoc, line: StoryDoc): boolean {
  return (
    held.what === line.what &&
    held.by === line.by &&
    held.by === null &&
    held.reason === line.reason &&
    !ALONE.has(line.what) &&
    line.t - held.t < ONE_BREATH_MS
  );
}
