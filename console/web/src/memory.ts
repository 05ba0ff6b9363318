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
