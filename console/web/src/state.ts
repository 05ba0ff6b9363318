// What the messages mean: a pure fold of the stream into what the page shows.
// Law: a snapshot and the changes after it give the same state as a fresh snapshot.

import type {
  AlarmDoc,
  Change,
  Hello,
  IncidentDoc,
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
}

export const NOTHING_YET: State = {
  hello: null,
  seq: -1,
  now: 0,
  incidents: new Map(),
  units: new Map(),
  undecided: [],
  status: null,
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
    incidents: byId(message.incidents),
    units: byId(message.units),
    undecided: message.undecided,
    status: message.status,
  };
}

function withChange(state: State, change: Change): State {
  return {
    ...state,
    seq: change.seq,
    now: change.now,
    incidents: replaced(state.incidents, change.incidents, change.incidents_gone),
    units: replaced(state.units, change.units, []),
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
