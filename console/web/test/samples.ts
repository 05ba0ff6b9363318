// The samples that Python and TypeScript read alike (tests/wire), and small builders.

import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { readIncident, type Change, type IncidentDoc, type Snapshot, type UnitDoc } from '../src/wire';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const FOLDER = resolve(ROOT, 'tests/wire');

export const sampleNames = (): string[] => readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
export const sampleText = (name: string): string => readFileSync(resolve(FOLDER, `${name}.json`), 'utf8');
export const sample = <T>(name: string): T => JSON.parse(sampleText(name)) as T;

export function incident(changes: Partial<IncidentDoc> = {}): IncidentDoc {
  return { ...readIncident(sampleText('incident-received')), ...changes };
}

export function unit(id: string, changes: Partial<UnitDoc> = {}): UnitDoc {
  return {
    id,
    row: 0,
    community: 'xizi',
    call_sign: id,
    role: 'volunteer',
    skills: [],
    post: null,
    on_duty: true,
    online: true,
    revoked: false,
    incident: null,
    assignment_state: null,
    false_alarms: 0,
    ...changes,
  };
}

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  const status = {
    store_down: '',
    broker_down: '',
    operators: [],
    units_on_duty: 0,
    units_online: 0,
    positions_shed: 0,
    drills: [],
    restored_until: null,
  };
  return { type: 'snapshot', seq: 0, now: 0, incidents: [], undecided: [], units: [], status, parts: 0, ...changes };
}

export function change(seq: number, changes: Partial<Change> = {}): Change {
  return {
    type: 'change',
    seq,
    now: 0,
    incidents: [],
    incidents_gone: [],
    units: [],
    undecided: null,
    status: null,
    ...changes,
  };
}

/** A small generator of chance that is the same in every run (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
