// The operator's desk: the hub's state, and what this operator looks at. Panels read it.
// What the messages mean is state.ts's work; asking the hub for something is commands'.

import { alarmsLately, endedLately, queue, type QueueItem } from './alarms';
import type { Api } from './api';
import { arrivals, type Arrival } from './arrival';
import { notAskedAgain } from './asked';
import { HubClock } from './clock';
import type { LinkState } from './connection';
import { keepDrafts, keptDrafts, withDraft, type Drafts } from './drafts';
import { Positions } from './frames';
import { hands, type Hand } from './hands';
import { gridAt, readGrids, type GridInfo, type Grids } from './grids';
import { LANGUAGES, nameIn, numberWords, type Lang, type Names } from './i18n';
import { ago, calendar, span } from './i18n/time';
import { remember, remembered } from './memory';
import { everybodyFree, nearestFree, type Nearby, type Point } from './nearby';
import { givesWay, shedAt } from './overload';
import { mayIn, NO_RIGHTS, type Right, type Rights } from './rights';
import { NOTHING_YET, fold, type State } from './state';
import { bookOf, planOf, ruleOf } from './steps';
import { completed } from './whole';
import { hasEnded } from './words';
import type {
  AlarmDoc,
  BooksDoc,
  CommunityDoc,
  IncidentDoc,
  KindDoc,
  PlanDoc,
  ServerMessage,
  UnitDoc,
} from './wire';

export type Dialog =
  | { name: 'open'; alarm: AlarmDoc | null; unit: string | null }
  | { name: 'close'; incident: string }
  | { name: 'reopen'; incident: string }
  | { name: 'takeover'; incident: string }
  | { name: 'cancel'; incident: string }
  | { name: 'plan'; incident: string }
  | { name: 'call'; incident: string }
  | { name: 'handover'; incident: string; agency: string | null }
  | { name: 'merge'; incident: string; other: string | null }
  | { name: 'split'; incident: string; alarms?: readonly string[] }
  | { name: 'revise'; incident: string }
  | { name: 'place'; incident: string }
  | { name: 'callback'; incident: string }
  | { name: 'export'; incident: string }
  | { name: 'shift' }
  | { name: 'drill' }
  | { name: 'help' };

/** What a click on the map gave while a dialog asked for a place. */
export type Pointed = { lon: number; lat: number; unit: string | null };

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly more: string;
  readonly bad: boolean;
  /** Takes back what the notice tells of. */
  readonly undo: (() => void) | null;
  /** What was refused: its incident, or the request itself; empty for any other notice. */
  readonly about: string;
}

/** Notices kept on the screen; older ones give way. */
const NOTICES_MAX = 3;
/** Ages are told to the second. */
const TICK_MS = 500;

export class Desk {
  readonly positions = new Positions();
  readonly #clock = new HubClock();

  state = $state.raw<State>(NOTHING_YET);
  link = $state.raw<LinkState>('connecting');
  /** The hub's clock, ticking; stands still once the link is lost. */
  now = $state(0);
  /** Counts frames, so that what is drawn from the columns knows when to look again. */
  frames = $state(0);
  grids = $state.raw<Grids>(new Map());
  /** The same, where communities have ids in common. */
  #allGrids = $state.raw<readonly GridInfo[]>([]);
  geometry = $state.raw<ReadonlyMap<string, { grids: unknown; streets: unknown }>>(new Map());
  gridsFailed = $state(false);
  /** Plan books by community: what kinds mean, and the steps of plans. */
  books = $state.raw<ReadonlyMap<string, BooksDoc>>(new Map());

  operator = $state(remembered('operator'));
  onShift = $state(false);
  /** The login ended while the page was open: no alarm comes here until somebody logs in. */
  loggedOut = $state(false);
  lang = $state<Lang>(remembered('lang') === 'en' ? 'en' : 'zh-CN');
  hello = $derived(this.state.hello);
  words = $derived(LANGUAGES[this.lang]);
  zone = $derived(this.state.hello?.communities[0]?.zone ?? 'Asia/Shanghai');
  calendar = $derived(calendar(this.lang, this.zone));

  #shedAt = $state<number | null>(null);
  /** So many positions come that the hub gives older ones up. */
  overloaded = $derived(givesWay(this.#shedAt, this.now));

  heard = $state.raw<ReadonlyMap<string, number>>(new Map());
  queue = $derived(queue(this.state, this.operator, this.heard, (id) => mayIn(this.rights, 'handle', id)));
  ended = $derived(endedLately(this.state));
  /** Who called for help and has not got it to the end: nobody sends them anywhere. */
  inNeed: ReadonlySet<string> = $derived(new Set(this.queue.map(senderOf)));
  lately = $derived(alarmsLately(this.state, this.now));
  /** The level 1 call that stands in the banner. */
  banner = $derived(this.queue.find((item) => item.calling && item.level === 1) ?? null);

  selected = $state<string | null>(null);
  /** An ended incident looked up from the archive; the stream does not carry it. */
  archived = $state.raw<IncidentDoc | null>(null);
  /** The selected incident as the API told it whole; the stream leaves out what is old. */
  whole = $state.raw<IncidentDoc | null>(null);
  item = $derived(this.queue.find((item) => item.key === this.selected) ?? null);
  incident = $derived(this.#incidentShown());
  place = $derived(this.incident && this.pointOf(this.incident));

  picks = $state.raw<readonly string[]>([]);
  free = $derived.by(() => this.#free());
  arrivals = $derived.by(() => this.#arrivals());
  unitShown = $state<string | null>(null);
  dialog = $state.raw<Dialog | null>(null);
  pointed = $state.raw<Pointed | null>(null);
  /** The operator drags the map or types: nothing may move under the hand. */
  dragging = $state(false);
  goThere = $state<string | null>(null);
  /** Counted up to ask the map to show the selected incident. */
  gone = $state(0);
  notices = $state.raw<readonly Notice[]>([]);
  /** Notes not yet sent, one an incident: looking at another one must not mix them up. */
  drafts = $state.raw<Drafts>(keptDrafts());
  keysOn = $state(remembered('keys') !== 'off');
  live = $derived(this.link === 'live' || this.link === 'late');
  /** What whoever sits here may do, and where; nothing until the server has said. */
  rights = $state.raw<Rights>(NO_RIGHTS);

  #noticeId = 0;
  /** A picture is told in parts, and some are still to come. */
  #partsToCome = false;
  /** Incidents whose change of hands this operator has asked for, until it is seen. */
  readonly changingHands = new Set<string>();

  // --- the stream ---

  message(message: ServerMessage): boolean {
    const before = this.state;
    const { state, gap } = fold(before, message);
    if (message.type === 'hello') {
      this.#clock.runAt(message.clock_speed);
      this.positions.clear();
    }
    if ('now' in message) this.#clock.hear(message.now, performance.now());
    if (message.type === 'snapshot') this.#partsToCome = message.parts > 0;
    if (message.type === 'part') this.#partsToCome = message.left > 0;
    this.state = state;
    this.#shedAt = shedAt(before, state, this.#shedAt);
    this.tick();
    this.#tellHands(before);
    if (before.incidents !== state.incidents) this.#keepDrafts();
    return gap;
  }

  frame(data: ArrayBuffer): void {
    this.positions.feed(data);
    this.frames += 1;
  }

  linkChanged: (state: LinkState) => void = () => {};

  tick(): void {
    if (this.link === 'lost' || this.state.seq < 0) return;
    const now = this.#clock.read(performance.now());
    // Everything that shows an age is drawn anew with this, so it moves no oftener than they need.
    if (Math.floor(now / TICK_MS) !== Math.floor(this.now / TICK_MS)) this.now = now;
  }

  // Listener.link is called by the connection; the field of that name is what it last said.
  heardLink(state: LinkState): void {
    if (state === 'lost') this.now = this.state.now;
    this.link = state;
    this.linkChanged(state);
  }

  async loadGrids(api: Api): Promise<void> {
    const communities = this.state.hello?.communities ?? [];
    const geometry = new Map(this.geometry);
    let failed = false;
    for (const community of communities) {
      const grids = await api.geojson(community.id, 'grids');
      const streets = community.has_streets ? await api.geojson(community.id, 'streets') : null;
      if (grids === null) failed = true;
      else geometry.set(community.id, { grids, streets });
    }
    const infos = [...geometry].flatMap(([id, held]) => readGrids(id, held.grids));
    this.grids = new Map(infos.map((info) => [info.id, info]));
    this.#allGrids = infos;
    this.geometry = geometry;
    this.gridsFailed = failed;
  }

  /** False where those of a community could not be had: worth asking again. */
  async loadBooks(api: Api): Promise<boolean> {
    const books = new Map(this.books);
    let had = true;
    for (const { id } of this.state.hello?.communities ?? []) {
      const found = await api.books(id).catch(() => null);
      if (found) books.set(id, found);
      else had = false;
    }
    this.books = books;
    return had;
  }

  // --- rights ---

  may = (right: Right, community: string): boolean => mayIn(this.rights, right, community);
  /** The communities shown here where this may be done. */
  where = (right: Right): readonly CommunityDoc[] =>
    (this.hello?.communities ?? []).filter(({ id }) => this.may(right, id));
  /** Whether this operator may handle what happens there, now. */
  actsIn = (community: string): boolean => this.live && this.may('handle', community);
  takes = (item: QueueItem): boolean =>
    item.what === 'incident' ? this.may('handle', item.incident.community) : this.opens(item.alarm);
  /** An alarm of a radio not told of here is better offered to too many than to nobody. */
  opens = (alarm: AlarmDoc): boolean => {
    const unit = this.state.units.get(alarm.unit);
    return unit ? this.may('handle', unit.community) : this.where('handle').length > 0;
  };

  // --- plans ---

  booksOf = (incident: IncidentDoc): BooksDoc | null => this.books.get(incident.community) ?? null;
  planOf = (incident: IncidentDoc): PlanDoc | null => planOf(this.booksOf(incident), incident.plan);
  ruleOf = (incident: IncidentDoc): KindDoc | null =>
    ruleOf(this.booksOf(incident), incident.plan, incident.kind);

  /** Whether this operator may steer it now: it is open, and theirs or nobody's. */
  steers = (incident: IncidentDoc): boolean =>
    this.actsIn(incident.community) &&
    !hasEnded(incident.phase) &&
    (incident.taken_by === null || incident.taken_by === this.operator);

  drillName = (drill: string | null): string =>
    this.state.status?.drills.find((on) => on.id === drill)?.name ?? '';

  // --- words ---

  names = (incident: IncidentDoc): Names => ({
    callSign: this.callSign,
    item: (item) => this.#itemName(incident, item),
  });

  /** An item of the checklist, to its first stop: told whole it would fill the story. */
  #itemName(incident: IncidentDoc, item: string): string {
    const kinds = bookOf(this.booksOf(incident), incident.plan)?.kinds ?? [];
    const mine = kinds.filter(({ kind }) => kind === incident.kind);
    const held = [...mine, ...kinds].flatMap(({ checklist }) => checklist);
    const name = held.find((each) => each.item === item)?.name;
    if (!name) return item;
    return nameIn(this.words, name.zh, name.en).split(/[：？。:?.]/, 1)[0] ?? item;
  }


  callSign = (unit: string): string => this.state.units.get(unit)?.call_sign ?? unit;
  /** The day's number, as people say it: #003. */
  shortId = (incident: string): string => numberWords(incident);
  gridName = (grid: string | null): string => {
    const held = grid === null ? undefined : this.grids.get(grid);
    return held ? nameIn(this.words, held.name, held.name_en) : (grid ?? '');
  };

  /** An age while live; once the link is lost, the time itself, since ages would go on lying. */
  age = (t: number): string =>
    this.link === 'lost'
      ? this.words.common.as_of(this.calendar.time(t))
      : ago(this.words, t, this.now);
  span = (ms: number): string => span(this.words, ms);

  setLang(lang: Lang): void {
    this.lang = lang;
    remember('lang', lang);
  }

  setOperator(name: string): void {
    this.operator = name;
    remember('operator', name);
  }

  setKeys(on: boolean): void {
    this.keysOn = on;
    remember('keys', on ? 'on' : 'off');
  }

  tell(text: string, more = '', bad = true, undo: (() => void) | null = null, about = ''): void {
    this.#noticeId += 1;
    const notice = { id: this.#noticeId, text, more, bad, undo, about };
    this.notices = [...this.notices, notice].slice(-NOTICES_MAX);
  }

  /** The newest notice told so far. */
  get told(): number {
    return this.#noticeId;
  }

  /** It has worked: what was refused of it before is of no more use. */
  settle(about: string, before: number): void {
    this.notices = this.notices.filter((notice) => notice.about !== about || notice.id > before);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  setDraft(incident: string, text: string): void {
    this.drafts = withDraft(this.drafts, incident, text);
    this.#keepDrafts();
  }

  /** Of an incident that has ended nothing stays behind; what is being typed stays on the screen. */
  #keepDrafts(): void {
    const { incidents, seq, unconfirmed } = this.state;
    const partly = seq < 0 || unconfirmed.size > 0 || this.#partsToCome;
    const isOpen = (id: string): boolean => {
      const held = incidents.get(id);
      return held ? !hasEnded(held.phase) : partly;
    };
    keepDrafts(Object.fromEntries(Object.entries(this.drafts).filter(([id]) => isOpen(id))));
  }

  // --- looking ---

  select(key: string | null, archived: IncidentDoc | null = null): void {
    if (key !== this.selected) this.picks = [];
    this.selected = key;
    this.archived = archived;
    this.whole = null;
    this.unitShown = null;
  }

  /** Ask for what the stream leaves out of the selected incident. */
  async readWhole(api: Api): Promise<void> {
    const { selected } = this;
    if (selected === null) return;
    const whole = await api.incident(selected).catch(() => null);
    if (whole === null) this.tell(this.words.card.missing);
    else if (selected === this.selected) this.whole = whole;
  }

  /** Up and down the queue, from the selected row. */
  step(by: 1 | -1): void {
    const keys = this.queue.map((item) => item.key);
    const at = this.selected === null ? -1 : keys.indexOf(this.selected);
    const next = at < 0 ? (by > 0 ? 0 : keys.length - 1) : at + by;
    const key = keys[Math.max(0, Math.min(keys.length - 1, next))];
    if (key !== undefined) this.select(key);
  }

  goTo(key: string | null = this.goThere ?? this.selected): void {
    if (key === null) return;
    if (key !== this.selected) this.select(key);
    this.goThere = null;
    this.gone += 1;
  }

  togglePick(unit: string): void {
    this.picks = this.picks.includes(unit)
      ? this.picks.filter((picked) => picked !== unit)
      : [...this.picks, unit];
  }

  /** Presses of this item were answered by this operator: its sound stops. */
  answer(item: QueueItem): void {
    const rings = item.what === 'incident' ? item.incident.rings : 1;
    this.heard = new Map(this.heard).set(item.key, rings);
  }

  /** Where to look for an incident: its place, else the middle of its grid. */
  pointOf(incident: IncidentDoc): (Point & { vague: boolean }) | null {
    const { lon, lat, grid } = incident.place;
    if (lon !== null && lat !== null) return { lon, lat, vague: false };
    const held = grid === null ? undefined : this.grids.get(grid);
    return held ? { lon: held.lon, lat: held.lat, vague: true } : null;
  }

  unit(id: string | null): UnitDoc | null {
    return (id && this.state.units.get(id)) || null;
  }

  /** What the card will say of a place pointed at. */
  gridWordsAt(community: string, { lon, lat }: Point): string {
    const grid = gridAt(this.#allGrids, community, lon, lat);
    return grid ? nameIn(this.words, grid.name, grid.name_en) : this.words.card.grid_unknown;
  }

  #incidentShown(): IncidentDoc | null {
    if (this.selected === null) return null;
    const live = this.state.incidents.get(this.selected);
    if (live) return completed(live, this.whole);
    return this.archived?.id === this.selected ? this.archived : null;
  }

  /** An operator hears what others gave them, and what others took. */
  #tellHands(before: State): void {
    const { incidents } = this.state;
    const { given, taken } = hands(before.incidents, incidents, this.operator, this.changingHands);
    for (const id of this.changingHands) {
      const had = before.incidents.get(id)?.taken_by;
      if (had !== incidents.get(id)?.taken_by) this.changingHands.delete(id);
    }
    const { shift } = this.words.dialogs;
    for (const [from, held] of byOther(given)) {
      this.tell(shift.given(from, this.#numbers(held)), held[0]?.words ?? '');
    }
    for (const [to, held] of byOther(taken)) {
      this.tell(shift.taken(to, this.#numbers(held)), held[0]?.words ?? '');
    }
  }

  #numbers(held: readonly Hand[]): string {
    return this.words.common.list(held.map(({ incident }) => numberWords(incident.id)));
  }

  /** Everybody whom the hub may call to an incident, nearest first; asked for by dialogs only. */
  allFree(incident: IncidentDoc): readonly Nearby[] {
    void this.frames;
    if (!this.state.hello) return [];
    const at = { now: this.now, fresh_s: this.state.hello.fresh_s };
    const { units } = this.state;
    const place = this.pointOf(incident);
    const asked = notAskedAgain(incident);
    return everybodyFree(units.values(), this.positions, incident, place, at, this.inNeed).filter(
      ({ unit }) => !asked.has(unit.id),
    );
  }

  #arrivals(): readonly Arrival[] {
    void this.frames;
    const { incident, place, state, now } = this;
    // Towards the middle of a grid, where nothing better is known, it would only mislead.
    if (!incident || !place || place.vague || !state.hello || !this.live) return [];
    const at = { now, fresh_s: state.hello.fresh_s };
    return arrivals(incident.assignments, state.units, this.positions, place, at);
  }

  #free(): readonly Nearby[] {
    void this.frames; // looked at anew with every frame
    const { incident } = this;
    if (!incident || !this.state.hello) return [];
    const at = { now: this.now, fresh_s: this.state.hello.fresh_s };
    const { units } = this.state;
    return nearestFree(units.values(), this.positions, incident, this.place, at, this.inNeed);
  }
}

function byOther(held: readonly Hand[]): ReadonlyMap<string, readonly Hand[]> {
  const found = new Map<string, Hand[]>();
  for (const each of held) found.set(each.other, [...(found.get(each.other) ?? []), each]);
  return found;
}

function senderOf(item: QueueItem): string {
  return (item.what === 'incident' ? item.incident.sender : item.alarm.unit) ?? '';
}
