"""The wire formats we read, by name. A newcomer's codec is one line here."""

from typing import Final

from devices.codec import Codec
from devices.v1 import V1

CODECS: Final[dict[str, Codec]] = {
    "v1": V1(),
}
