// Times and spans as people say them, in the community's zone.

import type { Words } from './zh';

/** Below this an age is "just now": the hub coalesces, clocks differ. */
const JUST_NOW_S = 2;

/** How long, in words: to the second below ten minutes, then ever coarser. */
export function span(words: Words, ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return words.time.seconds(s);
  if (s < 600) return words.time.minutes_seconds(Math.floor(s / 60), s % 60);
  if (s < 3_600) return words.time.minutes(Math.floor(s / 60));
  if (s < 86_400) return words.time.hours(Math.floor(s / 3_600), Math.floor((s % 3_600) / 60));
  return words.time.days(Math.floor(s / 86_400));
}

export function ago(words: Words, then_ms: number, now_ms: number): string {
  if (now_ms - then_ms < JUST_NOW_S * 1000) return words.time.now;
  return words.time.ago(span(words, now_ms - then_ms));
}

/** A running clock for the queue: 0:07, 12:40, 3:05:00. */
export function stopwatch(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3_600);
  const m = Math.floor((s % 3_600) / 60);
  return h > 0 ? `${h}:${pad(m)}:${pad(s % 60)}` : `${m}:${pad(s % 60)}`;
}

/** What is left of a wait: 0:01 until it is over. */
export const countdown = (ms: number): string => stopwatch(Math.ceil(ms / 1000) * 1000);

export interface Calendar {
  /** 14:32:07 */
  time(ms: number): string;
  /** 14:32 today, with the day otherwise. */
  moment(ms: number, now_ms: number): string;
}

/** Made anew when language or zone change; Intl formatters are dear to build. */
export function calendar(lang: string, zone: string): Calendar {
  const zoned = usable(zone);
  const clock = new Intl.DateTimeFormat(lang, {
    ...zoned,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const short = new Intl.DateTimeFormat(lang, {
    ...zoned,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const day = new Intl.DateTimeFormat(lang, { ...zoned, month: 'short', day: 'numeric' });
  return {
    time: (ms) => clock.format(ms),
    moment: (ms, now_ms) =>
      day.format(ms) === day.format(now_ms)
        ? short.format(ms)
        : `${day.format(ms)} ${short.format(ms)}`,
  };
}

/** A zone this browser does not know must not stop the page: then its own zone is shown. */
function usable(zone: string): { timeZone?: string } {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return { timeZone: zone };
  } catch {
    return {};
  }
}
