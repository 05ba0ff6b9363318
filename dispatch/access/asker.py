"""Who asked for what is being done, for rooms that do not know the console's requests.

The guard says it, once it knows; whatever a request does runs in its own context, so that no two
are mixed up. Only for telling in the journal who did it: what somebody may is never read from here.
"""

from contextvars import ContextVar
from typing import Final

from dispatch.ids import OperatorName

ASKER: Final[ContextVar[OperatorName | None]] = ContextVar("asker", default=None)
"""None where no request is being served."""
