"""Whether a certificate and its key can be shown, and the context that shows them. Makes none."""

import ssl
from pathlib import Path

from dispatch.errors import SettingsError
from dispatch.settings import Settings


def server_context(which: str, cert: Path, key: Path) -> ssl.SSLContext:
    """For a listener; ``which`` is http or mqtt. Raises SettingsError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as exc:
        why = exc.strerror or str(exc)
        raise SettingsError(
            f"{which}_cert {cert} with {which}_key {key} cannot be used ({why})",
            "name PEM files that belong together, readable by the user whom Yihu runs as",
        ) from exc
    return context


def check_certificates(settings: Settings) -> None:
    """Those of the settings can be shown: a broker that cannot would only die again and again.

    Raises SettingsError.
    """
    for which, cert, key in (
        ("http", settings.http_cert, settings.http_key),
        ("mqtt", settings.mqtt_cert, settings.mqtt_key),
    ):
        if cert is not None and key is not None:
            server_context(which, cert, key)
