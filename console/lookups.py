"""What a page is told only when it asks: ended incidents, plans, health. No stream, no commands.

What everybody is told as it changes is in wire.py, what a command says in bodies.py.
"""

from console.wire import Doc, Name


class IncidentRowDoc(Doc):
    """A line of ``GET /api/v1/incidents?before=MS&count=N`` (ended ones, newest first)."""

    id: str
    community: str
    kind: str
    priority: int
    phase: str
    opened_t: int
    closed_t: int | None
    sender: str | None
    grid: str
    taken_by: str
    disposition: str
    drill: str | None = None
    """The exercise it belonged to."""


class IncidentPage(Doc):
    """``GET /api/v1/incidents?before=MS&count=N``: ended incidents, newest first."""

    incidents: list[IncidentRowDoc]
    more: bool
    """Ask again with ``before`` = ``opened_t`` of the last one."""


class NeedDoc(Doc):
    """So many of a role, a skill, or both."""

    label: str
    count: int
    role: str | None
    skill: str


class PlanStepDoc(Doc):
    """One rung of a plan."""

    step: str
    tier: str
    needs: list[NeedDoc]
    rings: int | None
    wave_s: float | None
    hold_s: float | None
    then: str
    tell: list[str]
    agency: str | None


class PlanDoc(Doc):
    """How one sort of incident is answered."""

    id: str
    kinds: list[str]
    classes: list[str]
    hours: list[str]
    """Such as ``22:00-06:00``."""
    target_s: float
    sure_pct: int
    on_scene: int
    steps: list[PlanStepDoc]


class ChecklistItemDoc(Doc):
    """One thing the operator goes through."""

    item: str
    name: Name


class KindDoc(Doc):
    """What a kind of incident means."""

    kind: str
    priority: int
    nearby: str
    """join | offer | apart"""
    near_m: float
    near_s: float
    checklist: list[ChecklistItemDoc]


class BookDoc(Doc):
    """The kinds and plans of one version."""

    name: str
    version: int
    begins: str
    ends: str
    serving: bool
    """New incidents are answered by it now."""
    kinds: list[KindDoc]
    plans: list[PlanDoc]


class BooksDoc(Doc):
    """``GET /api/v1/communities/{id}/plans``: every book that an incident may name."""

    books: list[BookDoc]


class Degraded(Doc):
    """Something does not work as it should, though we do."""

    what: str
    """store | broker | unattended | page | start | clock"""
    why: str


class Health(Doc):
    """``GET /health``: 200 while ready, 503 while not."""

    live: bool
    ready: bool
    degraded: list[Degraded]


class BackupsDoc(Doc):
    """``GET /api/v1/backups``: whether this centre could be put up elsewhere. Times are ms."""

    to: str = ""
    """The folder; empty: no daily backup is set up."""
    newest: int | None = None
    """When the newest there was made; None: there is none, or the folder cannot be seen."""
    unseen: str = ""
    """Why the folder cannot be seen."""
    failed: str = ""
    """Why the last one could not be made."""
    checked: int | None = None
    """When the newest was read through last, since the server began; None: not yet."""
    wrong: str = ""
    """What that found wrong."""
    stale: bool = False
    """The newest is older than two days, or there is none."""
    restored: int | None = None
    """When this centre was itself restored, where that is a week ago at most."""
    restored_from: str = ""
    """The backup's name."""
    restored_until: int | None = None
    """What was done after this time is missing."""
