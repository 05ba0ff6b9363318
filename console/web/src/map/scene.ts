// What the map has to show, taken from the desk: plain values, so that drawing knows nothing of it.

import type { Desk } from '../desk.svelte';
import { isStale } from '../nearby';
import { mercatorX, mercatorY } from '../frames';
import { hasEnded, isAsked, isComing, isLive } from '../words';
import { nameIn, word } from '../i18n';

export interface UnitMark {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly role: string;
  readonly label: string;
  readonly hollow: boolean;
  readonly busy: boolean;
}

export interface Called {
  readonly mark: UnitMark;
  /** Coming is drawn as a whole line, asked as a dashed one. */
  readonly coming: boolean;
  readonly onScene: boolean;
}

export interface Numbered {
  readonly mark: UnitMark;
  readonly number: number;
  readonly picked: boolean;
}

export interface AlarmMark {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly lat: number;
  readonly level: number;
  readonly text: string;
  readonly label: string;
  /** The unit that pressed: named at this mark, not once more at its own. */
  readonly sender: string | null;
  readonly note: string;
  readonly acc_m: number | null;
  /** Not from a fix: drawn in outline, since nobody may take it for exact. */
  readonly vague: boolean;
  readonly calling: boolean;
  readonly selected: boolean;
  /** Of an exercise: hatched, never a level's colour. */
  readonly drill: boolean;
}

export interface GridName {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly strong: boolean;
}

export interface Named {
  readonly x: number;
  readonly y: number;
  readonly name: string;
}

export interface Scene {
  readonly grids: readonly GridName[];
  readonly keyUnits: readonly Named[];
  readonly units: readonly UnitMark[];
  readonly called: readonly Called[];
  readonly near: readonly Numbered[];
  readonly alarms: readonly AlarmMark[];
  readonly shown: UnitMark | null;
  readonly pointed: { readonly x: number; readonly y: number } | null;
}

/** Free units numbered on the map; more would hide the alarm. */
const NUMBERED_MAX = 5;

export function sceneOf(desk: Desk): Scene {
  const marks = unitMarks(desk);
  const { incident } = desk;
  const live = (incident?.assignments ?? []).filter((assignment) => isLive(assignment.state));
  const called = live.flatMap((assignment) => {
    const mark = marks.get(assignment.unit);
    if (!mark) return [];
    return [{ mark, coming: isComing(assignment.state), onScene: assignment.state === 'on_scene' }];
  });
  const open = incident !== null && !hasEnded(incident.phase);
  const near = (open ? desk.free : []).flatMap(({ unit }, index) => {
    const mark = marks.get(unit.id);
    const picked = desk.picks.includes(unit.id);
    return mark && (picked || index < NUMBERED_MAX) ? [{ mark, number: index + 1, picked }] : [];
  });
  const { pointed } = desk;
  return {
    ...namesOf(desk),
    units: [...marks.values()],
    called,
    near,
    alarms: alarmMarks(desk),
    shown: (desk.unitShown && marks.get(desk.unitShown)) || null,
    pointed: pointed && { x: mercatorX(pointed.lon), y: mercatorY(pointed.lat) },
  };
}

function namesOf(desk: Desk): Pick<Scene, 'grids' | 'keyUnits'> {
  const strong = desk.incident?.place.grid ?? null;
  const infos = [...desk.grids.values()].filter((info) => info.level !== 'building');
  const placed = (place: { lon: number; lat: number; name: string; name_en: string }): Named => ({
    x: mercatorX(place.lon),
    y: mercatorY(place.lat),
    name: nameIn(desk.words, place.name, place.name_en),
  });
  return {
    grids: infos.map((info) => ({ ...placed(info), strong: info.id === strong })),
    keyUnits: infos.flatMap((info) => info.keyUnits.map(placed)),
  };
}

function unitMarks(desk: Desk): Map<string, UnitMark> {
  const { positions, state } = desk;
  const at = { now: desk.now, fresh_s: state.hello?.fresh_s ?? 90 };
  const marks = new Map<string, UnitMark>();
  for (const unit of state.units.values()) {
    if (!unit.on_duty || unit.revoked || !positions.known(unit.row)) continue;
    marks.set(unit.id, {
      id: unit.id,
      x: positions.x[unit.row] ?? 0,
      y: positions.y[unit.row] ?? 0,
      role: unit.role,
      label: unit.call_sign,
      hollow: isStale(unit, positions, at),
      busy: unit.incident !== null && !isAsked(unit.assignment_state ?? ''),
    });
  }
  return marks;
}

function alarmMarks(desk: Desk): AlarmMark[] {
  const { words } = desk;
  const marks = desk.queue.flatMap((item): AlarmMark[] => {
    const from = item.what === 'incident' ? incidentPoint(desk, item.key) : pressPoint(desk, item.alarm.unit);
    if (!from) return [];
    const who = item.what === 'incident' ? item.incident.sender : item.alarm.unit;
    const notes = [
      item.drill ? words.mark.drill : '',
      item.covert ? words.mark.covert_short : '',
      item.late ? words.mark.late_short : '',
      item.undecided ? words.mark.undecided_short : '',
    ];
    return [
      {
        ...from,
        key: item.key,
        x: mercatorX(from.lon),
        y: mercatorY(from.lat),
        level: item.level,
        text: item.what === 'undecided' ? '?' : item.kind === 'sos' ? 'SOS' : String(item.level),
        label: who ? desk.callSign(who) : word(words.kind, item.kind),
        sender: who && (item.calling || item.key === desk.selected) ? who : null,
        note: notes.filter(Boolean).join(' '),
        calling: item.calling,
        selected: item.key === desk.selected,
        drill: item.drill,
      },
    ];
  });
  // An ended incident that is looked at has its mark as well.
  const { incident } = desk;
  if (incident && hasEnded(incident.phase)) {
    const point = desk.pointOf(incident);
    if (point) marks.push(endedMark(desk, incident.id, point.lon, point.lat));
  }
  // The selected one is drawn last, above all others; before it what calls, level 1 topmost.
  const rank = (mark: AlarmMark) => Number(mark.selected) * 100 + Number(mark.calling) * 10 - mark.level;
  return marks.sort((a, b) => rank(a) - rank(b));
}

function incidentPoint(desk: Desk, key: string) {
  const incident = desk.state.incidents.get(key);
  const point = incident && desk.pointOf(incident);
  if (!incident || !point) return null;
  const vague = point.vague || incident.place.source === 'last_fix';
  return { lon: point.lon, lat: point.lat, vague, acc_m: incident.place.acc_m };
}

function pressPoint(desk: Desk, id: string) {
  const unit = desk.unit(id);
  if (!unit || !desk.positions.known(unit.row)) return null;
  const lon = desk.positions.lon[unit.row] ?? 0;
  const lat = desk.positions.lat[unit.row] ?? 0;
  return { lon, lat, vague: true, acc_m: null };
}

function endedMark(desk: Desk, key: string, lon: number, lat: number): AlarmMark {
  const { incident } = desk;
  return {
    key,
    x: mercatorX(lon),
    y: mercatorY(lat),
    lat,
    level: 4,
    text: '',
    label: incident?.sender ? desk.callSign(incident.sender) : '',
    sender: null,
    note: '',
    acc_m: null,
    vague: true,
    calling: false,
    selected: true,
    drill: incident?.drill != null,
  };
}
