"""Ten minutes of positions, at twice what is to be borne: what comes through, and what is lost.

    python -m bench.sustained [--json] [--small]

`bench.positions` without its floors, which would take a part of the two cores: 12,000 units, since
of one radio no more than four positions a second are taken (docs/overload.md), and 20 consoles that
watch all of them. ``lost`` is what was sent and not heard, ``shed`` what was heard and given up at
the door, ``history_shed`` what never reached the disk.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.positions import CONSOLES, run
from bench.rig import arguments, report

UNITS: Final = 12_000
RATE_PER_S: Final = 42_000
"""Offered; somewhat above 40,000, for a generator is never quite punctual."""
SECONDS: Final = 600.0
SMALL_SECONDS: Final = 5.0


def main() -> int:
    """Print what was measured."""
    options = arguments("what rate is borne for ten minutes")
    part = 10 if options.small else 1
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(
            run(
                Path(folder),
                units=UNITS // part,
                rates={"": RATE_PER_S // part},
                seconds=SMALL_SECONDS if options.small else SECONDS,
                consoles=max(1, CONSOLES // part),
                alone=True,
            )
        )
    report("positions for ten minutes", figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
