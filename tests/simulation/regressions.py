"""Seeds whose worlds once broke a law, kept so that they do not again. What each had found is in
docs/simulation.md.

A change to what a world draws gives its seed another world; each mend therefore has a test
of its own beside the code, and these are a second look.
"""

from typing import Final

ONCE_FAILED: Final[tuple[int, ...]] = (
    *(34, 100, 815, 1218, 2084),
    *(1795352035125, 1795352035128, 1795359366159),
)
