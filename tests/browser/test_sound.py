"""What is heard, not what was meant: the page's sound is rendered and listened to.

An AudioContext is put in the page's way that draws into a file instead of the
air (OfflineAudioContext); everything else of the page is as shipped.
"""

import base64
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import start_shift
from tests.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RATE_HZ: Final = 16_000
HEARD_S: Final = 26
"""The sound grows louder after 15 s; some seconds before and after."""
FRAME_S: Final = 0.02
SILENCE_S: Final = 0.7
"""Between two rounds there is nearly a second, within one 0.12 s at most."""

Samples = npt.NDArray[np.float64]

TAPE: Final = f"""
  window.AudioContext = class {{
    constructor() {{
      this.tape = new OfflineAudioContext(1, {RATE_HZ * HEARD_S}, {RATE_HZ});
      this.began_ms = performance.now();
      this.state = 'running';
      window.heard = this;
    }}
    get currentTime() {{ return (performance.now() - this.began_ms) / 1000; }}
    get destination() {{ return this.tape.destination; }}
    createOscillator() {{ return this.tape.createOscillator(); }}
    createGain() {{ return this.tape.createGain(); }}
    resume() {{ return Promise.resolve(); }}
  }};
"""
RENDERED: Final = """async () => {
  const samples = (await window.heard.tape.startRendering()).getChannelData(0);
  const whole = Int16Array.from(samples, (sample) => sample * 32767);
  let text = '';
  for (const byte of new Uint8Array(whole.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}"""


def test_an_sos_is_two_tones_each_two_seconds_and_louder_after_fifteen(
    page: Page, stage: Stage
) -> None:
    """800 and 1000 Hz are what ears of all ages hear; louder wakes who did not."""
    page.add_init_script(TAPE)
    start_shift(page, stage)
    wait_until(page, 1.5)  # the test tones are over
    began_s = page.evaluate("window.heard.currentTime")

    stage.press("xizi-v08")
    wait_until(page, HEARD_S - 1)

    sound = played(page)
    rounds = [at_s for at_s in onsets(sound) if at_s > began_s]
    assert rounds[0] - began_s < 1.0
    gaps = np.diff(rounds)
    assert len(gaps) >= 8
    assert gaps.mean() == pytest.approx(2.0, abs=0.05)
    assert np.abs(gaps - 2.0).max() < 0.35  # the page looks five times a second
    for at_s in rounds[:-1]:
        heard = [pitch_hz(sound, at_s + off_s) for off_s in (0.03, 0.29, 0.63, 0.89)]
        assert heard == [800, 1000, 800, 1000]
    loud = np.array([loudness(sound, at_s) for at_s in rounds[:-1]])
    before = loud[[at_s - rounds[0] < 14.5 for at_s in rounds[:-1]]]
    after = loud[[at_s - rounds[0] > 15.5 for at_s in rounds[:-1]]]
    assert len(after) >= 2
    assert 20 * np.log10(after / before.mean()) == pytest.approx(6.0, abs=0.5)
    assert np.abs(sound).max() < 1.0  # not clipped


def wait_until(page: Page, at_s: float) -> None:
    """Let the page sound until its tape has run so far."""
    while page.evaluate("window.heard.currentTime") < at_s:
        page.wait_for_timeout(100)


def played(page: Page) -> Samples:
    """All that the page sounded, from -1 to 1."""
    text: Any = page.evaluate(RENDERED)
    return np.frombuffer(base64.b64decode(text), dtype=np.int16).astype(np.float64) / 32767


def onsets(sound: Samples) -> list[float]:
    """When each round began, seconds: sound after a silence."""
    frame = int(RATE_HZ * FRAME_S)
    whole = sound[: len(sound) // frame * frame].reshape(-1, frame)
    active = np.flatnonzero(np.abs(whole).max(axis=1) > 0.01) * FRAME_S
    first = np.concatenate([[True], np.diff(active) > SILENCE_S])
    return [float(at_s) for at_s in active[first]]


def pitch_hz(sound: Samples, at_s: float) -> int:
    """The strongest tone of a tenth of a second, to 10 Hz."""
    piece = sound[int(at_s * RATE_HZ) : int((at_s + 0.1) * RATE_HZ)]
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece))))
    return int(spectrum.argmax()) * 10


def loudness(sound: Samples, at_s: float) -> float:
    """Root mean square of a round."""
    piece = sound[int(at_s * RATE_HZ) : int((at_s + 1.1) * RATE_HZ)]
    return float(np.sqrt(np.mean(piece**2)))
