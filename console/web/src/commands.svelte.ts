// What an operator may ask of the hub, and how a refusal is told. The hub decides.

import type { Answer, Api, Based, CloseBody, OpenBody } from './api';
import { changesToTell } from './changes';
import type { Desk } from './desk.svelte';
import { refusalWords, refusedPhase, storyWords } from './i18n';
import { obstacle, type Ask, type Obstacle } from './panels/dialogs/standing';
import { hasEnded } from './words';
import type { IncidentDoc, Refusal } from './wire';

/** A version that moved for reasons that do not matter is asked again; more would be a storm. */
const ASK_AGAIN_MAX = 4;

export class Commands {
  /** Commands under way, by a name of the button: it must not be sent twice. */
  working = $state.raw<ReadonlySet<string>>(new Set());

  constructor(
    private readonly desk: Desk,
    private readonly api: Api,
  ) {}

  take = async (incident: IncidentDoc, words = ''): Promise<boolean> => {
    const { changingHands } = this.desk;
    if (incident.taken_by !== null) changingHands.add(incident.id);
    const done = await this.#versioned(`take ${incident.id}`, incident, (based) =>
      this.api.take(incident.id, { words, ...based }),
    );
    if (!done) changingHands.delete(incident.id);
    return done;
  };

  close = (incident: IncidentDoc, body: CloseBody): Promise<boolean> =>
    this.#versioned(`close ${incident.id}`, incident, (based) =>
      this.api.close(incident.id, { ...body, ...based }),
    );

  reopen = (incident: IncidentDoc, words: string): Promise<boolean> =>
    this.#versioned(`reopen ${incident.id}`, incident, (based) =>
      this.api.reopen(incident.id, { words, ...based }),
    );

  /** Any other request about an incident as the operator sees it. */
  about = (
    name: string,
    incident: IncidentDoc,
    ask: (api: Api, based: Based) => Promise<Answer>,
  ): Promise<boolean> =>
    this.#versioned(`${name} ${incident.id}`, incident, (based) => ask(this.api, based));

  /** A request that is about no incident, or is right whatever has changed. */
  plain = (name: string, ask: (api: Api) => Promise<Answer>): Promise<boolean> =>
    this.#plain(name, () => ask(this.api));

  note = (incident: string, words: string): Promise<boolean> =>
    this.#plain(`note ${incident}`, () => this.api.note(incident, words));

  assign = (incident: string, unit: string): Promise<boolean> =>
    this.#plain(`assign ${incident} ${unit}`, () => this.api.assign(incident, unit));

  /** Recall is a small button beside others: one that slipped is sent again from the notice. */
  withdraw = async (incident: string, assignment: string): Promise<boolean> => {
    const { desk } = this;
    const held = desk.state.incidents.get(incident)?.assignments ?? [];
    const unit = held.find((each) => each.id === assignment)?.unit;
    const done = await this.#plain(`withdraw ${assignment}`, () =>
      this.api.withdraw(incident, assignment),
    );
    if (!done || unit === undefined) return done;
    const again = (): void => void this.assign(incident, unit);
    desk.tell(desk.words.dialogs.recalled(desk.callSign(unit)), '', false, again);
    return done;
  };

  press = (unit: string, kind: string, covert: boolean): Promise<boolean> =>
    this.#plain(`press ${unit}`, () => this.api.press(unit, kind, covert));

  /** The new incident is selected once the stream has brought it. */
  open = async (body: OpenBody): Promise<boolean> => {
    const answer = await this.#once('open', () => this.api.open(body));
    if (answer?.kind === 'done') this.desk.select(answer.accepted.subject);
    return answer?.kind === 'done';
  };

  /** Send everybody picked; those refused stay picked. */
  sendPicked = async (incident: string): Promise<void> => {
    const picked = this.desk.picks;
    const sent = await Promise.all(picked.map((unit) => this.assign(incident, unit)));
    this.desk.picks = this.desk.picks.filter((unit) => !sent[picked.indexOf(unit)]);
  };

  isWorking = (name: string): boolean => this.working.has(name);

  /** What stands in the way of asking this now; nothing while it is being asked, since what then
   * happens to the incident is what was asked for. */
  obstacle = (name: string, incident: IncidentDoc, ask: Ask): Obstacle | null =>
    this.isWorking(`${name} ${incident.id}`) ? null : obstacle(incident, this.desk.operator, ask);

  async #plain(name: string, ask: () => Promise<Answer>): Promise<boolean> {
    return (await this.#once(name, ask))?.kind === 'done';
  }

  /**
   * An incident's version moves with every answer of every unit. A refusal for that alone is
   * asked again with the new version; one where somebody else took it, ended it, pressed
   * again or asked to call it off, or a further step has begun, is the operator's to judge.
   */
  async #versioned(
    name: string,
    known: IncidentDoc,
    ask: (based: Based) => Promise<Answer>,
  ): Promise<boolean> {
    // Who holds it says so: another may have taken over since, under a lease of their own.
    const lease = known.taken_by === this.desk.operator ? known.lease : 0;
    const answer = await this.#once(name, async () => {
      let answer = await ask({ based_on: known.version, lease });
      for (let again = 0; again < ASK_AGAIN_MAX; again += 1) {
        const present = staleOnly(answer);
        if (!present || !sameToJudge(known, present)) break;
        answer = await ask({ based_on: present.version, lease });
      }
      return answer;
    }, known);
    return answer?.kind === 'done';
  }

  async #once(
    name: string,
    ask: () => Promise<Answer>,
    known?: IncidentDoc,
  ): Promise<Answer | null> {
    if (this.working.has(name)) return null;
    this.working = new Set(this.working).add(name);
    const before = this.desk.told;
    try {
      const answer = await ask();
      if (answer.kind === 'refused') this.#tellRefusal(name, answer.refusal, known);
      else if (answer.kind === 'unreachable') {
        this.desk.tell(this.desk.words.common.unreachable, '', true, null, aboutOf(name));
      } else this.desk.settle(aboutOf(name), before);
      return answer;
    } finally {
      const rest = new Set(this.working);
      rest.delete(name);
      this.working = rest;
    }
  }

  #tellRefusal(name: string, refusal: Refusal, known?: IncidentDoc): void {
    const { desk } = this;
    const { words } = desk;
    const callSign = (of: string): string => {
      const held = desk.state.incidents.get(of.split('/', 1)[0] ?? '')?.assignments ?? [];
      const unit = of.includes('/') ? held.find(({ id }) => id === of)?.unit : of;
      return unit === undefined ? '' : desk.callSign(unit);
    };
    const now = refusedPhase(words, refusal.facts);
    const changes = known && refusal.incident ? this.#changes(known, refusal) : '';
    const more = [changes, changes ? '' : now, words.common.quote(refusal.code)];
    const text = refusalWords(words, refusal, callSign);
    desk.tell(text, more.filter(Boolean).join(' · '), true, null, aboutOf(name));
  }

  #changes(known: IncidentDoc, { incident, changed }: Refusal): string {
    const { words, names } = this.desk;
    const fresh = incident ? storyLength(incident) - storyLength(known) : 0;
    const since = fresh > 0 ? (incident?.story.slice(-fresh) ?? []) : [];
    const lines = changesToTell(changed.length ? changed : since).map(({ line, units }) =>
      storyWords(words, line, names(known), units),
    );
    return lines.length ? words.common.changed(words.common.list(lines)) : '';
  }
}

/** What a request is about: `close xizi-20251121-001` is about the incident, `open` about itself. */
const aboutOf = (name: string): string => name.split(' ')[1]?.split('/', 1)[0] ?? name;

/** Lines that it has, those included that the stream leaves out. */
const storyLength = (doc: IncidentDoc): number => doc.story.length + doc.story_left_out;

function staleOnly(answer: Answer): IncidentDoc | null {
  if (answer.kind !== 'refused' || answer.refusal.code !== 'stale_version') return null;
  return answer.refusal.incident;
}

function sameToJudge(known: IncidentDoc, present: IncidentDoc): boolean {
  return (
    known.taken_by === present.taken_by &&
    known.rings === present.rings &&
    known.plan === present.plan &&
    known.steps.at(-1)?.t === present.steps.at(-1)?.t &&
    known.cancel?.t === present.cancel?.t &&
    hasEnded(known.phase) === hasEnded(present.phase)
  );
}
