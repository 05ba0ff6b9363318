"""Text for a Mosquitto of one's own: who may log in, who may use which topic. Writes no file.

Three files, which ``yihu acl`` writes: the access list, the passwords, and the lines of
mosquitto.conf that the other two lean on. The same rules as at the embedded broker's
door, said in Mosquitto's words (mosquitto.conf(5), mosquitto_passwd(1)).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from devices.secrets import read_hash
from dispatch.ids import DOCTOR, WORD

if TYPE_CHECKING:  # the supervisor needs only names from here
    from dispatch.store.port import RadioSecret

HUB_USERS: Final = ("yihu_alarms", "yihu_statuses", "yihu_positions", "yihu_orders")
"""One login for each connection of the hub, equal to its MQTT client id.

Several, because a broker that takes the user name for the client id would let two
connections of one user throw each other out. With an underscore, which no
radio's id has, so that no radio can be enrolled under a name of the hub's.
"""

DOCTOR_USER: Final = DOCTOR
"""Whom ``yihu doctor`` comes as: under a name of the hub's it would throw the hub out."""
DOCTOR_TOPIC: Final = "yihu/doctor"
"""What it says there it hears itself, and nobody else."""
DOCTOR_PRESS_TOPIC: Final = f"patrol/{DOCTOR}/{DOCTOR}/alarm"
"""Where it makes a trial press: by the filter that the hub hears every alarm by."""
DOCTOR_STORED_TOPIC: Final = f"radio/{DOCTOR}/{DOCTOR}/stored"
"""Where it is told that this is on disk."""


def mosquitto_acl(radios: "Iterable[RadioSecret]") -> str:
    """The access list: a radio speaks as itself only, the hub hears all, others have no topic.

    Revoked radios are left out. Raises ValueError for a name that is no level of a topic.
    """
    blocks = [_hub_block(user) for user in HUB_USERS]
    blocks.append(_doctor_block())
    blocks += [_radio_block(radio) for radio in _admitted(radios)]
    return "\n".join(blocks)


def mosquitto_passwords(radios: "Iterable[RadioSecret]", hub: Mapping[str, str]) -> str:
    """The password file. ``hub`` gives the hash of each hub user's password.

    Revoked radios are left out. Raises ValueError for a text that is no hash.
    """
    stored = dict(hub)
    stored.update((str(each.radio), each.secret_hash) for each in _admitted(radios))
    for text in stored.values():
        read_hash(text)
    return "".join(f"{user}:{text}\n" for user, text in stored.items())


def mosquitto_conf(
    *,
    acl_path: str,
    passwords_path: str,
    host: str = "127.0.0.1",
    port: int = 1883,
    tls: tuple[str, str] | None = None,
) -> str:
    """The lines of mosquitto.conf that make the two files mean what they should.

    They belong in a file of their own in conf.d, and no other listener beside them:
    the line about client ids holds for its own listener only. ``tls``: the files of its
    certificate and of the key.
    """
    cert_path, key_path = tls or ("", "")
    shown = f"certfile {cert_path}\nkeyfile {key_path}\n" if tls else ""
    for text in (acl_path, passwords_path, host, cert_path, key_path):
        if "\n" in text or "\r" in text:
            raise ValueError("a line break cannot stand in a line of mosquitto.conf")
    return f"""\
allow_anonymous false
acl_file {acl_path}
password_file {passwords_path}

listener {port} {host}
{shown}# A client is who its user name says: no radio can take over another's session.
use_username_as_clientid true

# Without it an alarm waits 40 ms for Nagle's algorithm and delayed acknowledgement.
set_tcp_nodelay true

# Orders for a radio in a lift, and alarms for a hub that restarts, wait this long a queue.
persistence true
max_queued_messages 10000
max_inflight_messages 256
max_packet_size 66560
"""


def _hub_block(user: str) -> str:
    return f"user {user}\ntopic read patrol/#\ntopic write radio/#\n"


def _doctor_block() -> str:
    return (
        f"user {DOCTOR_USER}\ntopic readwrite {DOCTOR_TOPIC}\n"
        f"topic write {DOCTOR_PRESS_TOPIC}\ntopic read {DOCTOR_STORED_TOPIC}\n"
    )


def _radio_block(radio: "RadioSecret") -> str:
    own = f"{radio.community}/{radio.radio}"
    return f"user {radio.radio}\ntopic write patrol/{own}/#\ntopic read radio/{own}/#\n"


def _admitted(radios: "Iterable[RadioSecret]") -> "list[RadioSecret]":
    admitted = sorted((each for each in radios if not each.revoked), key=lambda each: each.radio)
    for radio in admitted:
        # They become lines of a file: a line break in one would be a line of somebody's own.
        for word in (radio.radio, radio.community):
            if not WORD.fullmatch(word):
                raise ValueError(f"{word!r} cannot be a level of a topic")
    return admitted
