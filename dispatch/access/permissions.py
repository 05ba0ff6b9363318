"""The one table of permissions: the API, the stream, the pages and the tests read it here.

What stands here is allowed, and nothing else is. docs/access.md shows the same table to people;
tests/dispatch/access/test_permissions.py holds it once more, so that a change is seen.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dispatch.access.words import Office, Right

RIGHTS_OF: Final[Mapping[Office, frozenset[Right]]] = MappingProxyType(
    {
        Office.OPERATOR: frozenset(
            {
                Right.SEE_SITUATION,
                Right.SEE_TRACK,
                Right.HANDLE,
                Right.RUN_DRILL,
                Right.EXPORT_FILE,
                Right.PRINT_SHEET,
                Right.USE_DEMO,
            }
        ),
        Office.LEADER: frozenset(
            {
                Right.SEE_SITUATION,
                Right.SEE_TRACK,
                Right.HANDLE,
                Right.RUN_DRILL,
                Right.PRINT_SHEET,
            }
        ),
        Office.MANAGER: frozenset(
            {
                Right.SEE_SITUATION,
                Right.SEE_TRACK,
                Right.RUN_DRILL,
                Right.EXPORT_FILE,
                Right.PRINT_SHEET,
                Right.MANAGE_PEOPLE,
                Right.MANAGE_RADIOS,
                Right.MANAGE_PLANS,
                Right.READ_TIPS,
            }
        ),
        Office.ADMINISTRATOR: frozenset(
            {
                Right.MANAGE_PEOPLE,
                Right.MANAGE_RADIOS,
                Right.MANAGE_PLANS,
                Right.MANAGE_SETTINGS,
                Right.READ_AUDIT,
                Right.SEE_METRICS,
                Right.USE_DEMO,
            }
        ),
        Office.AUDITOR: frozenset({Right.READ_AUDIT, Right.SEE_METRICS}),
    }
)

FIRST_OFFICES: Final = (Office.ADMINISTRATOR, Office.OPERATOR)
"""Of whoever opens the first account: in a small place they are one person, and an
administrator who saw an empty map would take it for a fault. The second office can be laid
down as soon as somebody else holds it."""

GIVEN_BY_ADMINISTRATORS: Final = frozenset({Office.ADMINISTRATOR, Office.AUDITOR})
"""Offices that only an administrator gives and takes: a manager lets people in, but makes
nobody, themselves included, an administrator, and picks no auditor of their own doings."""
