"""Where handlers find the sealed tips of the server."""

from typing import Final

from aiohttp import web

from dispatch.tips.room import TipRoom

TIPS: Final = web.AppKey("tips", TipRoom)
