"""Acknowledgements that a broker has not had from us yet, and when it gets them all the same. Pure.

The broker gets its ack after our commit, so that a hub that dies gets the message
again. But brokers stop at a number of unacknowledged messages (Mosquitto at 20,
ours at 256), and with the store down that would shut new alarms out. An alarm must
be shown and called even then, and it is not lost with us: its radio repeats it
until it hears ``stored``. So acks that waited long are given once there are many.
"""

from typing import Final

WITHHELD_FREE: Final = 10
"""So few may wait for ever: half of Mosquitto's twenty."""
WITHHELD_WAIT_S: Final = 2.0
"""Far above a group commit, below the 5 s after which our broker repeats a message."""
WITHHELD_MAX: Final = 4096
"""Above it the oldest is acknowledged at once: for a broker that sets itself no limit."""


class Withheld:
    """The unacknowledged messages of one connection, by packet id, oldest first."""

    def __init__(self) -> None:
        self._since_s: dict[int, tuple[object, float]] = {}

    def __len__(self) -> int:
        return len(self._since_s)

    def hold(self, mid: int, now_s: float) -> object:
        """A message came; the token names this delivery, for brokers use packet ids again."""
        token = object()
        self._since_s.pop(mid, None)
        self._since_s[mid] = (token, now_s)
        return token

    def release(self, mid: int, token: object) -> bool:
        """Whether to acknowledge it now: False where it was done already or came again since."""
        held = self._since_s.get(mid)
        if held is None or held[0] is not token:
            return False
        del self._since_s[mid]
        return True

    def overdue(self, now_s: float) -> list[int]:
        """Packet ids to acknowledge though nothing was committed, taken off here."""
        ids: list[int] = []
        for mid, (_, since_s) in self._since_s.items():
            left = len(self._since_s) - len(ids)
            waited_long = now_s - since_s > WITHHELD_WAIT_S
            if left <= WITHHELD_FREE or not (waited_long or left > WITHHELD_MAX):
                break
            ids.append(mid)
        for mid in ids:
            del self._since_s[mid]
        return ids
