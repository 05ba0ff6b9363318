"""The document with everything held on a person, as it is handed out, and the fact of it. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import Instant
from dispatch.ids import OperatorName
from dispatch.privacy.facts import PersonExported
from dispatch.privacy.holdings import Person

FORMAT: Final = "yihu-person/1"


def exported(
    document: Mapping[str, Any], person: Person, by: OperatorName, now: Instant
) -> tuple[bytes, PersonExported]:
    """UTF-8 JSON, times in microseconds UTC; and the fact that it went out."""
    whole = {"format": FORMAT, "made_t": now, "by": by, **document}
    data = json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1).encode()
    told = PersonExported(
        t=now,
        community=NO_COMMUNITY,
        account=person.account,
        units=person.units,
        by=by,
        digest=hashlib.sha256(data).hexdigest(),
    )
    return data, told
