// The operator's desk: the hub's state, and what this operator looks at. Panels read it.
// What the messages mean is state.ts's work; asking the hub for something is commands'.

import { alarmsLately, endedLately, queue, type QueueItem } from './alarms';
import type { Api } from './api';
import { arrivals, type Arrival } from './arrival';
import { HubClock } from './clock';
import type { LinkState } from './connection';
import { Positions } from './frames';
import { nearestGrid, readGrids, type Grids } from './grids';
import { LANGUAGES, nameIn, type Lang } from './i18n';
import { ago, calendar, span } from './i18n/time';
import { remember, remembered } from './memory';
import { nearestFree, type Nearby, type Point } from './nearby';
import { NOTHING_YET, fold, type State } from './state';
import { completed } from './whole';
import type { AlarmDoc, IncidentDoc, ServerMessage, UnitDoc } from './wire';

export type Dialog =
  | { name: 'open'; alarm: AlarmDoc | null; unit: string | null }
  | { name: 'close'; incident: string }
  | { name: 'reopen'; incident: string }
  | { name: 'help' };

/** What a click on the map gave while a dialog asked for a place. */
export type Pointed = { lon: number; lat: number; unit: string | null };

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly more: string;
  readonly bad: boolean;
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
  geometry = $state.raw<ReadonlyMap<string, { grids: unknown; streets: unknown }>>(new Map());
  gridsFailed = $state(false);

  operator = $state(remembered('operator'));
  onShift = $state(false);
  lang = $state<Lang>(remembered('lang') === 'en' ? 'en' : 'zh-CN');
  hello = $derived(this.state.hello);
  words = $derived(LANGUAGES[this.lang]);
  zone = $derived(this.state.hello?.communities[0]?.zone ?? 'Asia/Shanghai');
  calendar = $derived(calendar(this.lang, this.zone));

  heard = $state.raw<ReadonlyMap<string, number>>(new Map());
  queue = $derived(queue(this.state, this.operator, this.heard));
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
  keysOn = $state(remembered('keys') !== 'off');
  live = $derived(this.link === 'live' || this.link === 'late');

  #noticeId = 0;

  // --- the stream ---

  message(message: ServerMessage): boolean {
    const before = this.state;
    const { state, gap } = fold(before, message);
    if (message.type === 'hello') {
      this.#clock.runAt(message.clock_speed);
      this.positions.clear();
    }
    if ('now' in message) this.#clock.hear(message.now, performance.now());
    this.state = state;
    this.tick();
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
    this.geometry = geometry;
    this.gridsFailed = failed;
  }

  // --- words ---

  callSign = (unit: string): string => this.state.units.get(unit)?.call_sign ?? unit;
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

  tell(text: string, more = '', bad = true): void {
    this.#noticeId += 1;
    const notice = { id: this.#noticeId, text, more, bad };
    this.notices = [...this.notices, notice].slice(-NOTICES_MAX);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
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

  gridNear(lon: number, lat: number): string {
    return this.gridName(nearestGrid(this.grids, lon, lat)?.id ?? null);
  }

  #incidentShown(): IncidentDoc | null {
    if (this.selected === null) return null;
    const live = this.state.incidents.get(this.selected);
    if (live) return completed(live, this.whole);
    return this.archived?.id === this.selected ? this.archived : null;
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

function senderOf(item: QueueItem): string {
  return (item.what === 'incident' ? item.incident.sender : item.alarm.unit) ?? '';
}
