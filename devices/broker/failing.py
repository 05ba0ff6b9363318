"""Reads in the embedded broker's log that its store failed and will not mend by itself.

After one write that failed for want of space nats-server refuses every new radio,
also when there is space again, until it is started anew. Lines, by its version 2.15::

    [88] [ERR] Filestore [$MQTT_msgs] Critical write error: write …/msgs/42.blk: no space left on device
    [88] [ERR] JetStream failed to store a msg on stream 'RADIOS > $MQTT_msgs': write …: no space left on device
    [88] [ERR] JetStream stream 'RADIOS > $MQTT_msgs' critical write error: write …: no space left on device
    [88] [ERR] 127.0.0.1:4747 - mid:30 - "r-1" - unable to delete session …: no space left on device (10057)

What a radio chose itself (its name, a topic) may stand in a line, and must not
have the broker restarted: hence only how a line begins and ends is looked at.
"""  # noqa: E501 -- the lines are shown as they are

import re
from typing import Final

_ABOUT_A_RADIO: Final = "Violation"
"""Such a line ends with a topic that was tried."""

_FAILED: Final = re.compile(
    r"\[\d+\] \[(?:ERR|WRN|FTL)\] "
    r"(?:.*: no space left on device(?: \(\d+\))?$"
    r"|(?:Filestore|JetStream) [^\"]*[Cc]ritical write error: "
    r"|JetStream out of .*will be DISABLED)"
)


def read_store_failed(line: str) -> bool:
    """Whether this line says that the broker's store failed."""
    return _ABOUT_A_RADIO not in line and _FAILED.match(line) is not None
