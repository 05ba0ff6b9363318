"""Our own wire to the radios, version 1: docs/wire.md as code, both ends of it."""

from devices.v1.codec import V1

__all__ = ["V1"]
