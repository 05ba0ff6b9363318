"""The page from which a phone installs the centre's own authority. Makes none.

    GET /ca        what it is, how it is installed, its fingerprint to compare
    GET /ca.crt    the authority itself, as phones take it

Both are for everybody: a phone needs them before anybody can log in on it, and an authority's
certificate is no secret. What makes it trustworthy is that somebody compares the fingerprint with
the one that ``yihu tls`` printed, and the page says so.
"""

import html
from pathlib import Path
from typing import Final

from aiohttp import web

from dispatch.access.needs import Guarded, Open
from dispatch.errors import SettingsError
from dispatch.tls.folder import TlsFolder

PAGE_PATH: Final = "/ca"
FILE_PATH: Final = "/ca.crt"
FILE_TYPE: Final = "application/x-x509-ca-cert"
"""By it iOS and Android know what to do with the file."""
PAIRS_A_LINE: Final = 8

PAGE: Final = """\
<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
<title>安装根证书 · Yihu</title>
<h1>安装本中心的根证书</h1>
<p>装好以后,这部手机才会信任本中心的加密连接,才能使用定位、麦克风和摄像头。
每部手机只装一次,到 {ends} 为止有效。它只能用于本中心的名称和内部网络地址。</p>
<p><a href="{file}">下载根证书</a></p>
<ol>
<li>安卓:下载后,在 设置 → 安全 → 更多安全设置 → 加密与凭据 → 安装证书 → CA 证书 里选这个文件。</li>
<li>苹果:用 Safari 下载,在 设置 → 已下载描述文件 里安装,
再到 设置 → 通用 → 关于本机 → 证书信任设置 里打开它。</li>
<li>Windows 电脑:双击文件,安装到"受信任的根证书颁发机构"。</li>
</ol>
<p>安装时手机会显示指纹(SHA-256)。请和管理员给的纸条逐段比对,不一样就不要装:</p>
<pre>{fingerprint}</pre>
<div lang="en">
<h1>Install this centre's own authority</h1>
<p>Then this phone trusts the centre's encrypted connection, without which it may not use place,
microphone and camera. Once a phone; it holds until {ends}. It is good for this centre's names
and for addresses of internal networks only.</p>
<p><a href="{file}">Download the authority</a></p>
<ol>
<li>Android: after the download, choose the file under Settings, Security, More security settings,
Encryption and credentials, Install a certificate, CA certificate.</li>
<li>iPhone: download with Safari, install it under Settings, Profile Downloaded, then switch it on
under Settings, General, About, Certificate Trust Settings.</li>
<li>Windows: open the file and install it into "Trusted Root Certification Authorities".</li>
</ol>
<p>The phone shows a fingerprint (SHA-256) as you install it. Compare it with the one that your
administrator gave you on paper; where they differ, do not install it:</p>
<pre>{fingerprint}</pre>
</div>
</html>
"""


def ca_routes(data_dir: Path) -> list[Guarded]:
    """The table. The folder is looked at each time: an authority may be made while we run."""
    tls = TlsFolder.of(data_dir)

    async def page(request: web.Request) -> web.Response:
        del request
        return web.Response(text=_page(_authority(tls)), content_type="text/html", charset="utf-8")

    async def file(request: web.Request) -> web.Response:
        from dispatch.tls.make import as_der  # brings cryptography

        del request
        return web.Response(
            body=as_der(_authority(tls)),
            content_type=FILE_TYPE,
            headers={"Content-Disposition": 'attachment; filename="yihu-ca.crt"'},
        )

    return [
        Guarded(method="GET", path=PAGE_PATH, handle=page, need=Open.PUBLIC),
        Guarded(method="GET", path=FILE_PATH, handle=file, need=Open.PUBLIC),
    ]


def _authority(tls: TlsFolder) -> bytes:
    """Raises HTTPNotFound where none was made."""
    try:
        found = tls.authority()
    except SettingsError:
        found = None
    if found is None:
        raise web.HTTPNotFound
    return found


def _page(authority: bytes) -> str:
    from dispatch.tls.make import read_told  # brings cryptography

    told = read_told(authority)
    pairs = told.fingerprint.split(":")
    lines = [" ".join(pairs[at : at + PAIRS_A_LINE]) for at in range(0, len(pairs), PAIRS_A_LINE)]
    return PAGE.format(
        ends=f"{told.ends:%Y-%m-%d}", file=FILE_PATH, fingerprint=html.escape("\n".join(lines))
    )
