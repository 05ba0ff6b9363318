"""What the hand-over sheet says, in Chinese and English. Codes of the hub are words.py's."""

from typing import Final

SHEET_WORDS: Final[dict[str, tuple[str, str]]] = {
    "sheet.title": ("警情移交单", "Hand-over sheet"),
    "sheet.to": ("移交给 {agency}", "For {agency}"),
    "sheet.number": ("本中心编号", "Our number"),
    "sheet.made": (
        "本单生成于 {when}。时间均为 {zone} 当地时间。",
        "This sheet was made on {when}. All times are local time of {zone}.",
    ),
    # warnings
    "warn.drill": (
        "演练，不得外传。不要拨打 {agency}。",
        "DRILL - NOT A REAL CALL. Do not call {agency}.",
    ),
    "warn.stamp": ("演练 DRILL", "DRILL 演练"),
    "warn.covert": (
        "静默警情：报警人身边可能有人。不要回拨，不要在公开频道提及，到场不要惊动。",
        (
            "SILENT ALARM: somebody may be beside the reporter. Do not call back, say nothing on"
            " open channels, arrive unnoticed."
        ),
    ),
    "warn.duress": (
        "报警人曾在胁迫下要求取消：不是误报。",
        "The reporter was forced to ask for it to be called off: this is no false alarm.",
    ),
    "warn.late": (
        "报警是补传的，发生时间早于收到时间。",
        "The alarm came late, out of a backlog: it happened before it was received.",
    ),
    "warn.ended": (
        "本警情已于 {when} 结案：{how}。",
        "This incident was closed on {when}: {how}.",
    ),
    # what is read out
    "out.title": ("照此念", "Read this out"),
    "out.drill": ("这是演练，不是真实报警。", "This is a drill, not a real call."),
    "out.who": (
        "这里是{community}巡逻调度，有一起{kind}要移交，{priority} 级。",
        "This is the patrol dispatch of {community}. To hand over: {kind}, priority {priority}.",
    ),
    "out.where": ("地点：{where}。", "Where: {where}."),
    "out.no_where": ("地点还不清楚。", "The place is not known yet."),
    "out.since": (
        "{when} 接到，至今 {minutes} 分钟。",
        "Received at {when}, {minutes} minutes ago.",
    ),
    "out.since_one": ("{when} 接到，至今 1 分钟。", "Received at {when}, a minute ago."),
    "out.since_now": (
        "{when} 接到，至今不到 1 分钟。",
        "Received at {when}, less than a minute ago.",
    ),
    "out.there": ("现场有我方 {count} 人：{units}。", "On scene: {count} of ours ({units})."),
    "out.coming": ("另有 {count} 人正在赶来：{units}。", "On the way: {count} of ours ({units})."),
    "out.nobody": ("我方还没有人在现场。", "None of ours is there yet."),
    "out.quiet": (
        "请注意：静默警情，不要回拨报警人。",
        "Mind: a silent alarm. Do not call the reporter back.",
    ),
    # the place
    "part.place": ("地点", "Place"),
    "part.tracks": ("位置示意图", "Sketch of the place"),
    "place.words": ("位置", "Where"),
    "place.grid": ("网格", "Grid"),
    "place.wgs84": ("WGS-84（卫星定位）", "WGS-84 (satellite receivers)"),
    "place.gcj02": ("GCJ-02（高德、腾讯地图）", "GCJ-02 (AMap, Tencent maps)"),
    "place.source": ("来源", "Known by"),
    "place.latlon": ("纬度 {lat}，经度 {lon}", "latitude {lat}, longitude {lon}"),
    "place.unknown": ("不详", "not known"),
    # who reported
    "part.reporter": ("报警人", "Reported by"),
    "reporter.radio": ("对讲机呼号", "Call sign"),
    "reporter.name": ("来电人", "Caller"),
    "reporter.phone": ("电话", "Phone"),
    "reporter.operator": ("登记人", "Opened by"),
    "reporter.presses": (
        "按下 {count} 次，最后一次 {when}",
        "presses: {count}, the last at {when}",
    ),
    "reporter.others": ("另有报警", "Also reported by"),
    # what is known
    "part.known": ("已知情况", "What is known"),
    "known.none": ("没有文字记录。", "Nothing was written down."),
    # our people
    "part.units": ("我方人员", "Our people"),
    "units.none": ("没有人在现场或赶来。", "Nobody is there or on the way."),
    "units.unit": ("呼号", "Call sign"),
    "units.role": ("身份", "Role"),
    "units.state": ("状态", "State"),
    "units.since": ("自", "Since"),
    "units.order": ("指令发出", "Ordered"),
    # what was done
    "part.done": ("已做的事", "What was done"),
    "done.none": ("还没有。", "Nothing yet."),
    "done.time": ("时间", "Time"),
    "done.what": ("内容", "What"),
    "part.checklist": ("清单已完成", "Done of the checklist"),
    # signing
    "part.receipt": ("移交记录", "Hand-over"),
    "receipt.before": (
        "{by} 已于 {when} 告知 {agency}。",
        "{by} told {agency} on {when}.",
    ),
    "receipt.agency": ("接收单位", "Agency"),
    "receipt.person": ("接线员工号", "Call taker"),
    "receipt.number": ("对方受理编号", "Their number"),
    "receipt.time": ("告知时间", "Told at"),
    "receipt.by": ("移交人", "Told by"),
    "receipt.eta": ("预计到达", "They expect to arrive"),
    "receipt.says": ("对方要求", "They ask us to"),
}
