// The plans that an incident could be answered by, out of its community's books. Pure.

import type { BooksDoc, IncidentDoc, PlanDoc } from '../../wire';

export interface PlanChoice {
  readonly plan: PlanDoc;
  /** It says of itself that it is for this kind; one for no kind in particular is for all. */
  readonly meant: boolean;
  /** It is the one that answers now. */
  readonly present: boolean;
}

/** Plans of the book that serves today, those meant for the kind first, else as in the book. */
export function choices(books: BooksDoc, incident: IncidentDoc): readonly PlanChoice[] {
  return sorted(books, incident.kind).map(({ plan, meant }) => ({
    plan,
    meant,
    present: plan.id === incident.plan,
  }));
}

/** The same for an incident that is yet to begin. */
export const plansFor = (books: BooksDoc | null, kind: string): readonly PlanDoc[] =>
  books ? sorted(books, kind).map(({ plan }) => plan) : [];

function sorted(books: BooksDoc, kind: string): readonly { plan: PlanDoc; meant: boolean }[] {
  const serving = books.books.find((book) => book.serving);
  const all = (serving?.plans ?? []).map((plan) => ({
    plan,
    meant: plan.kinds.length === 0 || plan.kinds.includes(kind),
  }));
  return [...all.filter((each) => each.meant), ...all.filter((each) => !each.meant)];
}

/** The last piece of a plan's full name, which begins with its book and version. */
export const shortName = (plan: string): string => plan.slice(plan.lastIndexOf('/') + 1);

/** The agency that the step which is on proposes; an earlier step's proposal stands until then. */
export function proposedAgency(incident: IncidentDoc): string {
  const proposals = incident.steps.map((step) => step.agency).filter((agency) => agency !== null);
  return proposals.at(-1) ?? '';
}
