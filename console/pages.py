"""Serves the built page and its assets, or says in words that it was not built.

A page's file is found by its name among the files that are there, one level at a
time and never through a link out of the folder; assets with a hash in their
name never change and may be kept for ever.
"""

import re
from pathlib import Path
from typing import Final

from aiohttp import web

HASHED: Final = re.compile(r".+[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+")
"""``index-B7x_1k2Q.js``, as the build names what it hashed."""
LEVEL: Final = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,120}")
"""One level of a path: never ``..``, never hidden."""
LEVELS_MAX: Final = 4

FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"

NOT_BUILT: Final = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>一呼百应 Yihu</title>
<h1>调度页面尚未生成</h1>
<p>服务正在运行,警情照常接收和派发。请在源码目录运行 <code>make page</code>,然后刷新本页。</p>
<h1 lang="en">The operators' page has not been built</h1>
<p lang="en">The server is running; alarms are received and dispatched all the same.
Run <code>make page</code> in the source folder, then load this page again.
Until then: <code>yihu watch</code> in a terminal.</p>
</html>
"""


def is_built(static_dir: Path) -> bool:
    """Whether there is a page to serve."""
    return (static_dir / "index.html").is_file()


def index(static_dir: Path) -> web.StreamResponse:
    """The operators' page."""
    if not is_built(static_dir):
        return web.Response(status=503, text=NOT_BUILT, content_type="text/html")
    return _file(static_dir / "index.html")


def asset(static_dir: Path, path: str) -> web.StreamResponse:
    """A file of the page; raises HTTPNotFound."""
    levels = path.split("/")
    if len(levels) > LEVELS_MAX or not all(map(LEVEL.fullmatch, levels)):
        raise web.HTTPNotFound
    found = static_dir.joinpath(*levels).resolve()
    if not found.is_relative_to(static_dir.resolve()) or not found.is_file():
        raise web.HTTPNotFound
    return _file(found)


def _file(path: Path) -> web.FileResponse:
    keep = FOR_EVER if HASHED.fullmatch(path.name) else ASK_AGAIN
    return web.FileResponse(path, headers={"Cache-Control": keep})
