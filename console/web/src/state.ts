// What the messages mean: a pure fold of the stream into what the page shows.
// Law: a snapshot and the changes after it give the same state as a fresh snapshot.

import type {
  AlarmDoc,
  Change,
  Hello,
  IncidentDoc,
  Part,
  ServerMessage,
  Snapshot,
  StatusDoc,
  UnitDoc,
} from './wire';

export interface State {
  readonly hello: Hello | null;
  /** Number of the last change folded in; -1 before the first snapshot. */
  readonly seq: number;
  /** The hub's clock in the last message, ms. */
  readonly now: number;
  readonly incidents: ReadonlyMap<string, IncidentDoc>;
  readonly units: ReadonlyMap<string, UnitDoc>;
  readonly undecided: readonly AlarmDoc[];
  readonly status: StatusDoc | null;
  /** Held since before the last snapshot, and by none of its parts told yet. */
  readonly unconfirmed: ReadonlySet<string>;
}

export const NOTHING_YET: State = {
  hello: null,
  seq: -1,
  now: 0,
  incidents: new Map(),
  units: new Map(),
  undecided: [],
  status: null,
  unconfirmed: new Set(),
};

/** `gap` says that something between was missed: ask for a snapshot; the state stays as it was. */
export interface Folded {
  readonly state: State;
  readonly gap: boolean;
}

export function fold(state: State, message: ServerMessage): Folded {
  switch (message.type) {
    case 'hello':
      return { state: { ...state, hello: message, now: message.now, seq: -1 }, gap: false };
    case 'snapshot':
      return { state: fromSnapshot(state, message), gap: false };
    case 'part':
      return { state: withPart(state, message), gap: false };
    case 'change':
      if (message.seq !== state.seq + 1) return { state, gap: true };
      return { state: withChange(state, message), gap: false };
    case 'beat':
      return { state: { ...state, now: message.now }, gap: message.seq !== state.seq };
    case 'behind':
      return { state, gap: false }; // the snapshot follows by itself
    default:
      return message satisfies never; // a new message type stops the build here
  }
}

function fromSnapshot(state: State, message: Snapshot): State {
  return {
    hello: state.hello,
    seq: message.seq,
    now: message.now,
    ...withRest(state, byId(message.incidents), byId(message.units), message.parts > 0),
    undecided: message.undecided,
    status: message.status,
  };
}

/** While parts are to come, nothing that was there goes: an alarm must not blink. */
function withRest(
  state: State,
  incidents: ReadonlyMap<string, IncidentDoc>,
  units: ReadonlyMap<string, UnitDoc>,
  more: boolean,
): Pick<State, 'incidents' | 'units' | 'unconfirmed'> {
  if (!more) return { incidents, units, unconfirmed: new Set() };
  const held = [...state.incidents.keys(), ...state.units.keys()];
  return {
    incidents: new Map([...state.incidents, ...incidents]),
    units: new Map([...state.units, ...units]),
    unconfirmed: new Set(held.filter((id) => !incidents.has(id) && !units.has(id))),
  };
}

function withPart(state: State, part: Part): State {
  const told = confirmed(state, part.incidents, part.units);
  const incidents = replaced(state.incidents, part.incidents, []);
  const units = replaced(state.units, part.units, []);
  if (part.left > 0) return { ...state, incidents, units, unconfirmed: told };
  return {
    ...state,
    incidents: replaced(incidents, [], [...told]),
    units: replaced(units, [], [...told]),
    unconfirmed: new Set(),
  };
}

/** What is still unconfirmed once these were told. Incidents and units never share a name. */
function confirmed(
  state: State,
  incidents: readonly IncidentDoc[],
  units: readonly UnitDoc[],
): ReadonlySet<string> {
  if (state.unconfirmed.size === 0) return state.unconfirmed;
  const left = new Set(state.unconfirmed);
  for (const doc of [...incidents, ...units]) left.delete(doc.id);
  return left;
}

function withChange(state: State, change: Change): State {
  return {
    ...state,
    seq: change.seq,
    now: change.now,
    incidents: replaced(state.incidents, change.incidents, change.incidents_gone),
    units: replaced(state.units, change.units, []),
    unconfirmed: confirmed(state, change.incidents, change.units),
    undecided: change.undecided ?? state.undecided,
    status: change.status ?? state.status,
  };
}

function byId<T extends { readonly id: string }>(docs: readonly T[]): ReadonlyMap<string, T> {
  return new Map(docs.map((doc) => [doc.id, doc]));
}

function replaced<T extends { readonly id: string }>(
  held: ReadonlyMap<string, T>,
  docs: readonly T[],
  gone: readonly string[],
): ReadonlyMap<string, T> {
  if (docs.length === 0 && gone.length === 0) return held;
  const next = new Map(held);
  for (const id of gone) next.delete(id);
  for (const doc of docs) next.set(doc.id, doc);
  return next;
}
