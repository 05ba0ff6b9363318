"""The words of access: offices, rights, and the communities they count for."""

from enum import StrEnum
from typing import Final, NewType

from dispatch.ids import CommunityId, OperatorName

TokenId = NewType("TokenId", str)
"""An API token's name in the journal: eight letters, no part of its secret."""
SessionId = NewType("SessionId", str)
"""A login's name in the journal: eight letters, no part of its secret."""

EVERYWHERE: Final = CommunityId("*")
"""In all communities, those that come later too. No community is called so (ids.WORD)."""

NO_COMMUNITY: Final = CommunityId("")
"""What the journal says of a fact about an account: it belongs to no single community."""

THIS_MACHINE: Final = OperatorName("this machine")
"""Who asks by the machine's own token: ``yihu watch``, a script beside the server."""


class Office(StrEnum):
    """What a person is here (职务). ``Role`` is another word: what a radio's bearer is."""

    OPERATOR = "operator"
    """调度员: handles what comes in."""
    LEADER = "leader"
    """队长: leads people outside, sees what they see."""
    MANAGER = "manager"
    """社区主任: answers for results, people and rules."""
    ADMINISTRATOR = "administrator"
    """管理员: installs, connects, lets people in."""
    AUDITOR = "auditor"
    """审计员: looks at who did what, and at nothing else."""


class Right(StrEnum):
    """One thing that an office may allow."""

    SEE_SITUATION = "see_situation"
    """Incidents, units and where they are, now."""
    SEE_TRACK = "see_track"
    """Where a person was; names, words and phones in a file."""
    HANDLE = "handle"
    """Every command about an incident."""
    RUN_DRILL = "run_drill"
    EXPORT_FILE = "export_file"
    """Take an incident's file away."""
    PRINT_SHEET = "print_sheet"
    """The sheet for an agency, the report of an exercise."""
    READ_AUDIT = "read_audit"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_RADIOS = "manage_radios"
    MANAGE_PLANS = "manage_plans"
    MANAGE_SETTINGS = "manage_settings"
    READ_TIPS = "read_tips"
    """Sealed tips: of those named for it only."""
    SEE_METRICS = "see_metrics"
    USE_DEMO = "use_demo"
    """Press the buttons of the demo's radios."""
