"""Identities of the things a dispatch centre speaks about, and of nothing else.

Every identity is text given by the hub or by a radio, never by a database,
so that a replay and both databases name the same thing alike.
"""

import re
from typing import Final, NewType

CommunityId = NewType("CommunityId", str)
RadioId = NewType("RadioId", str)
"""A device. Unique over all communities: it is also its MQTT client id."""
UnitId = NewType("UnitId", str)
"""A radio with its bearer on duty; today its text equals the radio's id."""
GridId = NewType("GridId", str)
AlarmId = NewType("AlarmId", str)
"""What a radio sent: ``radio/boot/counter``, made from the press identity."""
IncidentId = NewType("IncidentId", str)
"""What the centre handles: ``community-YYYYMMDD-NNN``, the day in the community's zone."""
AssignmentId = NewType("AssignmentId", str)
"""One unit asked to one incident: ``incident/N``. Radios know it as the order's id."""
DecisionId = NewType("DecisionId", str)
"""One choice of whom to call: ``incident/wN``, N the wave."""
DrillId = NewType("DrillId", str)
"""An exercise: ``community-drill-`` and when it began, ``YYYYMMDDHHMMSSmmm`` UTC: a zone has an
hour that comes twice."""
ReportId = NewType("ReportId", str)
"""A patrol report, named by its radio: ``radio/key``."""
OperatorName = NewType("OperatorName", str)
CommandId = NewType("CommandId", str)
"""Given by the asker, so that asking twice is harmless."""

WORD: Final = re.compile(r"[a-z0-9-]{1,40}")
"""What a community or radio id may be: it is a level of an MQTT topic."""

SKILL: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""A code that pages translate, such as medical or sign_language."""

DOCTOR: Final = "yihu_doctor"
"""Whom a trial press of ``yihu doctor`` comes from, and its name at the broker. With an underscore,
which no radio's and no community's id has."""

BOOT: Final = re.compile(r"[0-9a-f]{16}")
PRESS_COUNTER_MAX: Final = 2**32 - 1


def unit_of(radio: RadioId) -> UnitId:
    """The unit that answers by this radio."""
    return UnitId(radio)


def unit_of_alarm(alarm: AlarmId) -> UnitId:
    """The unit that pressed: an alarm is named ``radio/boot/counter``."""
    return UnitId(alarm.partition("/")[0])


def radio_of(unit: UnitId) -> RadioId:
    """The radio that reaches this unit."""
    return RadioId(unit)
