"""Short names for the array types geo passes around; no code.

An array argument is one value a unit, a fix or a place, all of one length,
unless its function says otherwise.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]
"""Microseconds since 1970-01-01 UTC; 0 means never."""

Rows: TypeAlias = NDArray[np.int64]
"""Rows of the live columns."""

GridIndices: TypeAlias = NDArray[np.int32]
"""Positions in `GridSet.grids`; -1 where there is none."""

Flags: TypeAlias = NDArray[np.bool_]
