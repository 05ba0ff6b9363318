// How a refusal about logins is said.

import type { Words } from '../../i18n';
import type { Told } from '../../login';

const HALF_MINUTE_S = 90;

/** "45 seconds", "8 minutes". */
export const waitWords = (words: Words, wait_s: number): string =>
  wait_s < HALF_MINUTE_S
    ? words.login.seconds(Math.max(1, Math.round(wait_s)))
    : words.login.minutes(Math.ceil(wait_s / 60));

/** Empty where it was done. */
export function toldWords(words: Words, told: Told<unknown>): string {
  const said = words.login.refusal;
  if (told.kind === 'done') return '';
  if (told.kind === 'unreachable') return said.unreachable;
  const { code, facts } = told;
  switch (code) {
    case 'wait':
      return said.wait(waitWords(words, Number(facts['wait_s'])));
    case 'bad_password':
      return words.login.bad_password[facts['why'] ?? ''] ?? said.unfit;
    case 'wrong_login': {
      const left = Number(facts['tries_left']);
      return left > 0 && left < 4 ? `${said.wrong_login} ${said.tries_left(left)}` : said.wrong_login;
    }
    default: {
      const held: unknown = Object.hasOwn(said, code) ? said[code as keyof typeof said] : null;
      return typeof held === 'string' ? held : said.other(code);
    }
  }
}
