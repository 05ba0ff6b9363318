"""Writes a screenshot again with 256 colours: half the bytes, and nobody sees a difference.

Chromium decodes its own picture, so that only writing is left: PNG, 8 bits a
pixel with a palette, rows unfiltered, since flat grounds and letters repeat as they are.
"""

import base64
import struct
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

COLOURS_MAX: Final = 256
STEP: Final = 8
"""Shades closer than this to each other are one, of which the commonest stands for all."""

Pixels = npt.NDArray[np.uint8]

DECODE: Final = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  let text = '';
  for (let at = 0; at < data.length; at += 4) {
    text += String.fromCharCode(data[at], data[at + 1], data[at + 2]);
  }
  return [picture.width, picture.height, btoa(text)];
}"""


def small_png(page: Page, png: bytes) -> bytes:
    """The same picture with a palette. ``page`` is an empty one, where scripts may run."""
    said: Any = page.evaluate(DECODE, base64.b64encode(png).decode())
    width, height, text = said
    pixels = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(height, width, 3)
    palette, rows = with_palette(pixels)
    data = np.insert(rows, 0, 0, axis=1).tobytes()  # each row begins with its filter: none
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", palette.tobytes())
        + _chunk(b"IDAT", zlib.compress(data, 9))
        + _chunk(b"IEND", b"")
    )


def with_palette(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """At most 256 colours (n, 3), and for each pixel (height, width) the nearest of them."""
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    seen, inverse, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([seen >> 16, seen >> 8 & 255, seen & 255], axis=1).astype(np.int64)
    common = np.argsort(-counts, kind="stable")
    _, first = np.unique(colours[common] // STEP, axis=0, return_index=True)
    palette = colours[common[np.sort(first)[:COLOURS_MAX]]]
    away = ((colours[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2)
    nearest = away.argmin(axis=1).astype(np.uint8)
    return palette.astype(np.uint8), nearest[inverse].reshape(pixels.shape[:2])


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
