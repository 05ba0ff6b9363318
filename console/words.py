"""The codes of the wire as people say them, in Chinese and English. The pages have their own.

A code without words here is shown as it is: an older watcher may meet a newer server.
"""

from typing import Final

LANGUAGES: Final = ("zh", "en")

WORDS: Final[dict[str, tuple[str, str]]] = {
    "kind.sos": ("紧急求助", "SOS"),
    "kind.medical": ("医疗急救", "medical emergency"),
    "kind.fire": ("火情", "fire"),
    "kind.dispute": ("纠纷", "dispute"),
    "kind.suspicious": ("可疑情况", "suspicious matter"),
    "kind.missing": ("人员走失", "missing person"),
    "kind.hazard": ("安全隐患", "hazard"),
    "kind.nuisance": ("扰民", "nuisance"),
    "kind.other": ("其他", "other matter"),
    "disposition.resolved": ("已处置", "resolved"),
    "disposition.resolved_on_spot": ("现场解决", "resolved on the spot"),
    "disposition.warned": ("已劝告", "warned"),
    "disposition.handed_over": ("已移交", "handed over"),
    "disposition.gone_on_arrival": ("到场时已离开", "gone on arrival"),
    "disposition.no_action": ("无需处置", "no action needed"),
    "disposition.false_alarm": ("误报", "false alarm"),
    "disposition.cancelled": ("取消", "cancelled"),
    "disposition.duplicate": ("重复警情", "duplicate"),
    "phase.received": ("待接警", "not taken"),
    "phase.acknowledged": ("已接警", "taken"),
    "phase.dispatched": ("已派出", "units called"),
    "phase.accepted": ("有人接受", "accepted"),
    "phase.en_route": ("赶往现场", "on the way"),
    "phase.on_scene": ("在现场", "on scene"),
    "phase.closed": ("已结案", "closed"),
    "phase.cancelled": ("已取消", "cancelled"),
    "phase.false": ("误报", "false alarm"),
    "phase.duplicate": ("重复警情", "duplicate"),
    "phase.reopened": ("重新打开", "reopened"),
    "rung.louder": ("加大铃声", "rings louder"),
    "rung.second_console": ("通知第二席", "second console told"),
    "rung.supervisor": ("通知值班长", "supervisor told"),
    "escalation.not_taken": ("无人接警", "nobody took it"),
    "escalation.unattended": ("调度席无人", "nobody is at a console"),
    "escalation.nobody_left": ("无人可派", "nobody is left to call"),
    "withdraw.by_operator": ("调度员召回", "by the operator"),
    "withdraw.enough": ("人手已够", "enough are coming"),
    "withdraw.incident_ended": ("警情已结束", "the incident has ended"),
    "withdraw.off_duty": ("已下岗", "off duty"),
    "withdraw.revoked": ("对讲机已停用", "radio revoked"),
    "withdraw.replaced": ("已有新的指令", "a newer order stands"),
    "bearing.N": ("北", "north"),
    "bearing.NE": ("东北", "north-east"),
    "bearing.E": ("东", "east"),
    "bearing.SE": ("东南", "south-east"),
    "bearing.S": ("南", "south"),
    "bearing.SW": ("西南", "south-west"),
    "bearing.W": ("西", "west"),
    "bearing.NW": ("西北", "north-west"),
    "fact.OrderReceived": ("收到指令", "has the order"),
    "fact.UnitAccepted": ("接受,前往", "accepts"),
    "fact.UnitDeclined": ("不能前往", "declines"),
    "fact.UnitEnRoute": ("已出发", "is on the way"),
    "fact.UnitArrived": ("到达现场", "is on scene"),
    "fact.UnitCleared": ("处置完毕", "is clear"),
    "fact.AssignmentExpired": ("没有答复", "gave no answer"),
    "fact.AssignmentWithdrawn": ("撤回指令", "is called back"),
    "fact.SeenConfirmed": ("已看到有人接警", "has seen who took it"),
    "fact.ResponseLapsed": ("已无人前往", "nobody is coming any more"),
    "fact.IncidentTaken": ("接警", "takes it"),
    "fact.NoteAdded": ("记录", "notes"),
    "fact.IncidentClosed": ("结案", "closes it"),
    "fact.IncidentReopened": ("重新打开", "reopens it"),
    "fact.IncidentEscalated": ("升级", "escalated"),
    "say.pressed": ("按下红色按钮", "pressed the red button"),
    "say.reports": ("报警", "reports"),
    "say.again": ("再次按下红色按钮", "pressed the red button again"),
    "say.opened": ("登记", "opens by hand"),
    "say.covert": ("静默警情,请勿外放", "silent: do not call aloud"),
    "say.late": ("迟到的警情", "late, out of a backlog"),
    "say.linked": ("出警队员遇险", "a responder in danger"),
    "say.not_stored": ("尚未存盘", "not stored yet"),
    "say.wave": ("第 {wave} 批呼叫", "wave {wave} calls"),
    "say.nobody": ("无人可呼叫", "nobody to call"),
    "say.sends": ("派出", "sends"),
    "say.erased": ("内容已删除", "the words were erased"),
    "say.undecided": ("无法判定,请人工呼叫", "no decision: call by hand"),
    "say.on_duty": ("上岗", "is on duty"),
    "say.off_duty": ("下岗", "is off duty"),
    "say.online": ("对讲机上线", "radio is back"),
    "say.offline": ("对讲机失联", "radio is lost"),
    "say.store_down": ("存储故障", "the store takes no writes"),
    "say.store_up": ("存储恢复", "the store is back"),
    "say.broker_down": ("消息服务断开", "the broker is gone"),
    "say.broker_up": ("消息服务恢复", "the broker is back"),
    "say.sits": ("到席", "is at a console"),
    "say.leaves": ("离席", "left the console"),
    "say.behind": ("读取太慢,重新同步", "reading too slowly; starting anew"),
    "say.now": (
        "现在:{open} 起未结警情,{units} 人在岗",
        "now: {open} open incidents, {units} units on duty",
    ),
    "say.lost": ("与服务器断开,正在重连:{url}", "no server at {url}; trying again"),
    "say.metres": ("{near}{bearing} {away} 米", "{away} m {bearing} of {near}"),
    "say.at": ("{near}", "at {near}"),
    "say.from": ("{unit} {away} 米", "{unit} {away} m"),
    "say.by_phone": ("电话或来人", "by phone or in person"),
    "mark.comma": ("、", ", "),
    "mark.colon": (":", ": "),
}


class Tongue:
    """One of the two languages."""

    def __init__(self, language: str) -> None:
        self._index = LANGUAGES.index(language)

    def __call__(self, group: str, code: str, **values: object) -> str:
        """The words for a code, with values put in."""
        pair = WORDS.get(f"{group}.{code}")
        return code if pair is None else pair[self._index].format(**values)


def language_of(locale: str) -> str:
    """The language that a LANG such as ``zh_CN.UTF-8`` asks for: Chinese or English."""
    return "zh" if locale.lower().startswith("zh") else "en"
