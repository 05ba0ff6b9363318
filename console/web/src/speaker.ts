// Makes the tunes audible through WebAudio. When to play is sound.ts's decision.

import type { Tune } from './sound';

interface Note {
  readonly at_s: number;
  readonly for_s: number;
  readonly hz: number;
  readonly shape: OscillatorType;
}

const tone = (at_s: number, for_s: number, hz: number, shape: OscillatorType = 'triangle'): Note => ({
  at_s,
  for_s,
  hz,
  shape,
});

const SOS: readonly Note[] = [
  tone(0, 0.22, 800, 'square'),
  tone(0.26, 0.22, 1000, 'square'),
  tone(0.6, 0.22, 800, 'square'),
  tone(0.86, 0.22, 1000, 'square'),
];
const NOTES: Record<Tune, readonly Note[]> = {
  sos: SOS,
  sos_loud: SOS,
  urgent: [tone(0, 0.14, 660), tone(0.2, 0.14, 660), tone(0.4, 0.2, 880)],
  watch: [tone(0, 0.09, 720)],
  // A soft falling pair of sines: an exercise may be missed, and must not wake anybody.
  drill: [tone(0, 0.18, 520, 'sine'), tone(0.24, 0.24, 390, 'sine')],
  // Low, and a knock: nobody may take it for an alarm, or an alarm for it.
  trouble: [tone(0, 0.09, 140, 'sine'), tone(0.16, 0.12, 120, 'sine')],
  test: [tone(0, 0.2, 800, 'square'), tone(0.24, 0.2, 1000, 'square')],
};

const PLAIN_GAIN = 0.16;
/** 6 dB over the plain one. */
const GAIN: Partial<Record<Tune, number>> = { sos_loud: 0.32, trouble: 0.6, urgent: 0.22, drill: 0.1 };
const EDGE_S = 0.012;

export type SpeakerState = 'off' | 'on' | 'blocked';

export class Speaker {
  #context: AudioContext | null = null;

  constructor(private readonly changed: (state: SpeakerState) => void) {}

  /** Try to get sound; browsers allow it only from a real click or key. */
  async unlock(): Promise<boolean> {
    try {
      this.#context ??= this.#made();
      if (this.#context.state !== 'running') await this.#context.resume();
    } catch {
      // No audio device or none allowed: the red bar says so.
    }
    this.changed(this.state);
    return this.state === 'on';
  }

  get state(): SpeakerState {
    if (!this.#context) return 'off';
    return this.#context.state === 'running' ? 'on' : 'blocked';
  }

  play(tune: Tune): void {
    const context = this.#context;
    if (!context || context.state !== 'running') return;
    const start_s = context.currentTime + 0.02;
    for (const note of NOTES[tune]) sound(context, note, start_s, GAIN[tune] ?? PLAIN_GAIN);
  }

  #made(): AudioContext {
    const context = new AudioContext();
    context.onstatechange = () => this.changed(this.state);
    return context;
  }
}

function sound(context: AudioContext, note: Note, start_s: number, level: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const from_s = start_s + note.at_s;
  const to_s = from_s + note.for_s;
  oscillator.type = note.shape;
  oscillator.frequency.value = note.hz;
  // Square edges would click in a headset.
  gain.gain.setValueAtTime(0, from_s);
  gain.gain.linearRampToValueAtTime(level, from_s + EDGE_S);
  gain.gain.setValueAtTime(level, to_s - EDGE_S);
  gain.gain.linearRampToValueAtTime(0, to_s);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from_s);
  oscillator.stop(to_s);
}
