// What the page remembers between visits. A browser that forbids it costs only the remembering.

export function remembered(key: string): string {
  try {
    return localStorage.getItem(`yihu.${key}`) ?? '';
  } catch {
    return '';
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`yihu.${key}`, value);
  } catch {
    // Private windows and full disks: it is asked again next time.
  }
}

const SAID = 'yihu.said';
/** The right to see the situation was taken away while the page was open. */
export const SIGHT_LOST = 'sight_lost';

/** Something that whoever sits here is to be told after a reload, in this tab alone. */
export function sayAfterReload(code: string): void {
  try {
    sessionStorage.setItem(SAID, code);
  } catch {
    // Then the page that comes says no more than what may be seen.
  }
}

/** What was to be said, once. */
export function saidBeforeReload(): string {
  try {
    const code = sessionStorage.getItem(SAID) ?? '';
    sessionStorage.removeItem(SAID);
    return code;
  } catch {
    return '';
  }
}
