"""Large answers that never change while we run: made once, compressed once, named by their hash."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

GZIP_LEVEL: Final = 6
MINUTES_KEPT: Final = "private, max-age=0, must-revalidate"


@dataclass(frozen=True, slots=True)
class Packed:
    """An answer, plain and compressed."""

    plain: bytes
    small: bytes
    tag: str


class PackedAnswers:
    """Keeps what was made; one key is made once, also when many ask at once."""

    def __init__(self) -> None:
        self._made: dict[str, Packed] = {}
        self._making = asyncio.Lock()

    async def answer(
        self, request: web.Request, key: str, make: Callable[[], bytes], content_type: str
    ) -> web.Response:
        """The answer called ``key``, or 304 where the asker has it."""
        async with self._making:
            if key not in self._made:
                self._made[key] = await asyncio.to_thread(_pack, make)
        packed = self._made[key]
        headers = {hdrs.CACHE_CONTROL: MINUTES_KEPT, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        tags = request.if_none_match or ()
        if any(tag.value in (packed.tag, "*") for tag in tags):
            response = web.Response(status=304, headers=headers)
        elif "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
            headers[hdrs.CONTENT_ENCODING] = "gzip"
            response = web.Response(body=packed.small, content_type=content_type, headers=headers)
        else:
            response = web.Response(body=packed.plain, content_type=content_type, headers=headers)
        response.headers[hdrs.ETAG] = f'W/"{packed.tag}"'
        return response


def _pack(make: Callable[[], bytes]) -> Packed:
    plain = make()
    small = gzip.compress(plain, GZIP_LEVEL, mtime=0)
    return Packed(plain, small, hashlib.sha256(plain).hexdigest()[:32])
