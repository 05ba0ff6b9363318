"""A table of rows for a door without a hub: every radio has one, in the order they are heard."""

import numpy as np
import numpy.typing as npt

from dispatch.ids import CommunityId, RadioId


class Rows:
    """Stands where the hub's live table does; knows everybody."""

    def __init__(self) -> None:
        self._rows: dict[RadioId, int] = {}

    def find(self, _community: CommunityId, radio: RadioId) -> int:
        """The radio's row, new where it was not heard before."""
        return self._rows.setdefault(radio, len(self._rows))

    def radios(self, rows: npt.NDArray[np.int64]) -> list[RadioId]:
        """Whose rows these are."""
        names = list(self._rows)
        return [names[row] for row in rows.tolist()]
