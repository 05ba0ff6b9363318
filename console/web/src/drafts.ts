// Notes not yet sent, kept for this tab alone: a reload loses nothing, and closing the tab leaves
// nothing behind. A browser that forbids it costs only the keeping.

/** By incident. */
export type Drafts = Readonly<Record<string, string>>;

/** More unsent notes than these are no work of one operator; the oldest give way. */
export const DRAFTS_MAX = 20;
/** NOTE_LENGTH_MAX of dispatch/commands.py, which refuses longer ones. */
export const NOTE_LENGTH_MAX = 5_000;
const KEY = 'yihu.drafts';

/** What this tab held before it was loaded anew. Other programs of this origin may have written it. */
export function keptDrafts(): Drafts {
  try {
    const held: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    const pairs = typeof held === 'object' && held !== null ? Object.entries(held) : [];
    return bounded(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  } catch {
    return {};
  }
}

/** Those that are empty are kept no more. */
export function keepDrafts(drafts: Drafts): void {
  try {
    const kept = bounded(Object.entries(drafts));
    if (Object.keys(kept).length === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Forbidden or full: what is typed stays in the page.
  }
}

/** Another person sits down here: what the last one did not send is not theirs. */
export function forgetDrafts(): void {
  keepDrafts({});
}

/** The draft written last stands last. */
export function withDraft(drafts: Drafts, incident: string, text: string): Drafts {
  const { [incident]: _before, ...rest } = drafts;
  return text ? { ...rest, [incident]: text } : rest;
}

const bounded = (pairs: readonly [string, string][]): Drafts =>
  Object.fromEntries(
    pairs
      .filter(([, text]) => text !== '')
      .slice(-DRAFTS_MAX)
      .map(([incident, text]) => [incident, text.slice(0, NOTE_LENGTH_MAX)]),
  );
