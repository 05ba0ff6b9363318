"""The office of radios over a real store, for tests, with a roll that remembers and may fail."""

import asyncio
import random
from collections.abc import Callable

from console.login.guarding import address_of
from console.login.who import who_asks
from devices.codes import Codes, CodeTimes, Enroll
from devices.consenting import Consents
from devices.joining import Reach
from devices.radio_office import RadioOffice
from dispatch.access.codes import code_key
from dispatch.errors import UnknownUnitError
from dispatch.events import Personal, Purpose, RadioLetIn
from dispatch.ids import OperatorName, RadioId
from dispatch.roster import Roster
from dispatch.store.sql import SqlStore

REACH = Reach(
    web="https://yihu.example.cn:8443",
    web_host="yihu.example.cn",
    mqtt_host="0.0.0.0",
    mqtt_port=8883,
    mqtt_tls=True,
)
KEY = code_key("a broker's password")


class Roll:
    """Enrolls as the shell does, or raises ``fault``."""

    def __init__(self, store: SqlStore, roster: Roster, now: Callable[[], int]) -> None:
        self.store, self.roster, self.now = store, roster, now
        self.enrolled: list[RadioId] = []
        self.hashes: list[str] = []
        self.fault: Exception | None = None

    async def __call__(
        self,
        radio: RadioId,
        *,
        secret_hash: str,
        by: OperatorName,
        by_code: bool = False,
        address: str = "",
        consented: tuple[str, ...] = (),
    ) -> None:
        """Let it in."""
        record = self.roster.radios.get(radio)
        if record is None:
            raise UnknownUnitError(radio)
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        fact = RadioLetIn(
            t=self.now(),
            community=record.community,
            radio=radio,
            by=by,
            by_code=by_code,
            address=Personal(Purpose.ADDRESS, address) if address else None,
            consented=consented,
        )
        kept = self.store.enroll(record, secret_hash=secret_hash, t=self.now(), let_in=fact)
        await asyncio.wrap_future(kept)
        self.enrolled.append(radio)
        self.hashes.append(secret_hash)


def codes_of(
    store: SqlStore,
    roster: Roster,
    now: Callable[[], int],
    *,
    enroll: Enroll | None = None,
    consents: Consents | None = None,
) -> Codes:
    """Codes over this store; all three clocks are ``now`` unless a test gives others."""
    return Codes(
        store,
        CodeTimes(hub=now, machine=now, steady=now),
        key=KEY,
        find=roster.radios.get,
        enroll=enroll or Roll(store, roster, now),
        token=random.Random(7).randbytes,
        consents=consents,
    )


def office_of(
    store: SqlStore,
    roster: Roster,
    now: Callable[[], int],
    *,
    enroll: Enroll | None = None,
    consents: Consents | None = None,
) -> RadioOffice:
    """The office, behind the real guard's ways of knowing who asks."""
    roll = enroll or Roll(store, roster, now)
    return RadioOffice(
        book=store,
        roster=roster,
        codes=codes_of(store, roster, now, enroll=roll, consents=consents),
        enroll_radio=roll,
        reach=REACH,
        token=random.Random(8).randbytes,
        who_asks=who_asks,
        address_of=address_of,
    )
