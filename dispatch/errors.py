"""Every error of ours, as a tree; each carries its facts and composes its own sentence.

YihuError
  SettingsError         a settings or community file, an address, a folder: exit status 2
    StoreUnreachableError  the database does not answer at start; it may yet
    PlanError           a plan book that cannot work
  RefusedError          a command the present state does not allow
    UnknownIncidentError, UnknownUnitError, UnknownAssignmentError, UnknownDrillError
    StaleVersionError   based on a version that has since changed
    StaleLeaseError     given under a lease that another has taken over since
    HeldError           somebody else handles the incident
    WrongPhaseError     not possible in the incident's phase
    KeyReusedError      its id was given to another command before
    UnfitCommandError   words too long, a place that is none, a unit that cannot be sent
  DeviceProtocolError   bytes from a radio that are not what the format says
  StoreError            the journal cannot be written or read
    StoreDownError      for now: it will be tried again
    FactRefusedError    this fact can never be stored as it is
    FactUnreadableError what stands in the journal is not a fact we know
"""

from typing import Final

REFUSAL_QUOTE_MAX: Final = 80
"""Longest piece of foreign input that an error repeats."""


class YihuError(Exception):
    """Anything that Yihu itself reports as wrong."""


class SettingsError(YihuError):
    """What an administrator set cannot work; the sentence says which and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


class OpenTooSoonError(SettingsError):
    """``setting`` opens a port to others, and what must be there first (a certificate, names) is
    not. Commands that help to make it work all the same; nothing is started like that."""

    def __init__(self, setting: str, what: str, remedy: str) -> None:
        self.setting = setting
        super().__init__(what, remedy)


class StoreUnreachableError(SettingsError):
    """The database did not answer at start. After a power cut it may only be slower than we
    are: under a supervisor this is tried again, where any other setting would not help."""


class PlanError(SettingsError, ValueError):
    """A plan book cannot work. ``where`` is its key, or the plan, step and need.

    A ValueError too: a book also comes from the journal, where no setting is wrong.
    """

    def __init__(self, where: str, why: str, remedy: str) -> None:
        self.where = where
        super().__init__(f"{where}: {why}" if where else why, remedy)


class RefusedError(YihuError):
    """A command was understood and refused. ``code`` is for programs, facts for people."""

    code: str = "refused"

    def __init__(self, sentence: str, **facts: str | int | None) -> None:
        self.facts = facts
        super().__init__(sentence)


class UnknownIncidentError(RefusedError):
    """No such incident is open or was lately closed."""

    code = "unknown_incident"

    def __init__(self, incident: str) -> None:
        super().__init__(f"no incident {quoted(incident)}", incident=quoted(incident))


class UnknownUnitError(RefusedError):
    """No such unit is on the roster."""

    code = "unknown_unit"

    def __init__(self, unit: str) -> None:
        super().__init__(f"no unit {quoted(unit)}", unit=quoted(unit))


class UnknownAssignmentError(RefusedError):
    """The incident has no such assignment."""

    code = "unknown_assignment"

    def __init__(self, assignment: str) -> None:
        super().__init__(f"no assignment {quoted(assignment)}", assignment=quoted(assignment))


class UnknownDrillError(RefusedError):
    """No such exercise is on."""

    code = "unknown_drill"

    def __init__(self, drill: str) -> None:
        super().__init__(f"no exercise {quoted(drill)} is on", drill=quoted(drill))


class StaleVersionError(RefusedError):
    """The command was based on a version of the incident that has since changed."""

    code = "stale_version"

    def __init__(self, *, incident: str, based_on: int, version: int) -> None:
        super().__init__(
            f"incident {incident} is at version {version}, the command knew {based_on}",
            incident=incident,
            based_on=based_on,
            version=version,
        )


class StaleLeaseError(RefusedError):
    """The command was given under a lease that has ended since."""

    code = "stale_lease"

    def __init__(self, *, incident: str, lease: int, present: int, held_by: str | None) -> None:
        who = f"held by {held_by}" if held_by else "held by nobody"
        super().__init__(
            f"incident {incident} is {who} under lease {present}, the command came under {lease}",
            incident=incident,
            lease=lease,
            present=present,
            held_by=held_by,
        )


class HeldError(RefusedError):
    """Somebody else handles the incident; whoever wants it takes it over, with a reason."""

    code = "held"

    def __init__(self, *, incident: str, held_by: str, request: str) -> None:
        super().__init__(
            f"{request} is not possible: incident {incident} is held by {held_by}; take it over",
            incident=incident,
            held_by=held_by,
            request=request,
        )


class WrongPhaseError(RefusedError):
    """The life cycle has no such step from where the incident or assignment stands."""

    code = "wrong_phase"

    def __init__(self, *, subject: str, phase: str, request: str) -> None:
        super().__init__(
            f"{request} is not possible: {subject} is {phase}",
            subject=subject,
            phase=phase,
            request=request,
        )


class KeyReusedError(RefusedError):
    """The id of this command was given to another one before."""

    code = "key_reused"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"the id {quoted(command)} was given to another command before",
            command=quoted(command),
        )


class UnfitCommandError(RefusedError):
    """What the command says cannot be done, whatever state things are in."""

    code = "unfit"

    def __init__(self, *, field: str, why: str) -> None:
        super().__init__(f"{field} {why}", field=field)


class DeviceProtocolError(YihuError):
    """A message from a device is not what its format says.

    ``reason`` is a short code to count by (``not_json``, ``too_long``, ``wrong_type``,
    ``out_of_range``, ``unknown_topic``, ...); ``detail`` says what stood there;
    ``offset`` is the byte where reading stopped, -1 where that has no meaning.
    """

    def __init__(self, *, protocol: str, reason: str, detail: str, offset: int = -1) -> None:
        self.protocol = protocol
        self.reason = reason
        self.detail = detail
        self.offset = offset
        where = f" at byte {offset}" if offset >= 0 else ""
        super().__init__(f"{protocol}: {reason}{where}: {detail}")


class StoreError(YihuError):
    """The journal or its projections cannot be read or written."""


class StoreDownError(StoreError):
    """Writing failed for now (disk full, database gone); the same facts will be tried again."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the store does not take writes: {why}")


class FactRefusedError(StoreError):
    """A fact that cannot be stored as it is: its content, not the database, is the reason."""

    def __init__(self, *, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"the fact {name} cannot be stored: {why}")


class FactUnreadableError(StoreError):
    """A row of the journal that does not read back as a fact."""

    def __init__(self, *, seq: int, name: str, why: str) -> None:
        self.seq = seq
        self.name = name
        self.why = why
        super().__init__(f"fact {seq} of the journal ({quoted(name)}) cannot be read: {why}")


def quoted(text: str) -> str:
    """A piece of foreign text, cut and made printable, fit to stand in a sentence."""
    shown = text if len(text) <= REFUSAL_QUOTE_MAX else text[: REFUSAL_QUOTE_MAX - 1] + "…"
    return "".join(c if c.isprintable() else "?" for c in shown)
