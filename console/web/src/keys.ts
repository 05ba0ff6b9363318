// Which key does what. Pure, so that the rules that keep a keystroke harmless can be tested.

/** A keystroke meant for something else cannot acknowledge: Enter waits so long after a banner. */
export const ENTER_GUARD_MS = 400;

export type Action =
  | { do: 'take' }
  | { do: 'send' }
  | { do: 'step'; by: 1 | -1 }
  | { do: 'go' }
  | { do: 'new' }
  | { do: 'note' }
  | { do: 'test' }
  | { do: 'help' }
  | { do: 'back' }
  | { do: 'pick'; index: number };

export interface Pressed {
  readonly key: string;
  readonly modified: boolean;
  readonly repeated: boolean;
  /** The focus is where letters are typed. */
  readonly typing: boolean;
  /** The focus is on a button that the operator went to by keyboard. */
  readonly onControl: boolean;
  /** The focus is on the map, which moves by arrows itself. */
  readonly onMap: boolean;
}

export interface Desktop {
  readonly keysOn: boolean;
  readonly dialogOpen: boolean;
  readonly picks: number;
  /** Something calls that Enter would take: since when, by the page's clock; null for nothing. */
  readonly bannerSince_ms: number | null;
  readonly now_ms: number;
}

export function actionOf(pressed: Pressed, desk: Desktop): Action | null {
  if (pressed.key === 'Escape') return { do: 'back' };
  if (pressed.modified || pressed.typing) return null;
  if (pressed.key === 'Enter') return enter(pressed, desk);
  if (pressed.key === 'ArrowDown') return pressed.onMap ? null : { do: 'step', by: 1 };
  if (pressed.key === 'ArrowUp') return pressed.onMap ? null : { do: 'step', by: -1 };
  if (!desk.keysOn || desk.dialogOpen) return null;
  return letter(pressed.key);
}

function enter(pressed: Pressed, desk: Desktop): Action | null {
  if (pressed.repeated || pressed.onControl || desk.dialogOpen) return null;
  if (desk.picks > 0) return { do: 'send' };
  if (desk.bannerSince_ms === null) return null;
  return desk.now_ms - desk.bannerSince_ms >= ENTER_GUARD_MS ? { do: 'take' } : null;
}

function letter(key: string): Action | null {
  if (/^[1-9]$/.test(key)) return { do: 'pick', index: Number(key) - 1 };
  switch (key.toLowerCase()) {
    case 'j':
      return { do: 'step', by: 1 };
    case 'k':
      return { do: 'step', by: -1 };
    case 'g':
      return { do: 'go' };
    case 'n':
      return { do: 'new' };
    case 'l':
      return { do: 'note' };
    case 't':
      return { do: 'test' };
    case '?':
      return { do: 'help' };
    default:
      return null;
  }
}
