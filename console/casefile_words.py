"""What the page of an incident file says, in Chinese and English. Codes of the hub's facts are
words.py's; those that only this page shows are here."""

from typing import Final

from console.words import LANGUAGES, WORDS

PAGE_WORDS: Final[dict[str, tuple[str, str]]] = {
    # the head
    "page.title": ("警情档案", "Incident file"),
    "page.title_of": ("警情档案：{kind}", "Incident file: {kind}"),
    "page.number": ("编号", "Number"),
    "page.kind": ("类别", "Kind"),
    "page.priority": ("等级", "Priority"),
    "page.place": ("地点", "Place"),
    "page.coordinates": ("坐标", "Coordinates"),
    "page.source": ("地点来源", "Place known by"),
    "page.sender": ("报警人", "Reported by"),
    "page.opened": ("立案时间", "Opened"),
    "page.closed": ("结案时间", "Closed"),
    "page.disposition": ("处置结果", "Disposition"),
    "page.phase": ("状态", "State"),
    "page.taken": ("接警人", "Taken by"),
    "page.plan": ("响应预案", "Response plan"),
    "page.linked": ("关联警情", "Linked to"),
    "page.open": ("尚未结案", "not closed"),
    "page.nobody": ("无", "nobody"),
    "page.unknown": ("不详", "unknown"),
    "page.by_hand": ("人工登记", "opened by hand"),
    "page.zone": ("时间均为 {zone} 当地时间", "All times are local time of {zone}"),
    "page.made": ("本页生成于 {when}", "This page was made on {when}"),
    "page.accuracy": ("误差约 {m} 米", "within about {m} m"),
    "page.wgs84": ("WGS-84 坐标系", "WGS-84"),
    "page.rings": ("按下 {count} 次不同的报警", "{count} different presses"),
    "page.left_out_all": (
        "本档案不含个人信息：坐标、文字、来电人和轨迹均未列出；仅有呼号和调度员姓名。",
        (
            "This file holds no personal values: exact places, words, callers and tracks are left"
            " out. Call signs and operators are named."
        ),
    ),
    "page.left_out_some": (
        "因数量过多未列入档案：事实 {facts} 条，个人信息 {values} 项，定位点 {fixes} 个。",
        (
            "Left out of the file for their number: {facts} facts, {values} personal values,"
            " {fixes} fixes."
        ),
    ),
    "mark.covert": ("静默", "Silent"),
    "mark.late": ("迟到", "Late"),
    "mark.drill": ("演练", "Exercise"),
    "mark.drill_long": (
        "演练警情，并非真实事件",
        "An exercise: this did not really happen",
    ),
    # steps
    "part.steps": ("关键时间", "Key times"),
    "step.step": ("步骤", "Step"),
    "step.time": ("时间", "Time"),
    "step.since": ("距收到", "After receipt"),
    "step.who": ("人员", "Who"),
    "step.pressed": ("按下按钮（对讲机时钟）", "Button pressed (by the radio's clock)"),
    "step.received": ("中心收到并存盘", "Received and stored by the centre"),
    "step.opened": ("立案", "Incident opened"),
    "step.decided": ("作出派遣决定", "Whom to call decided"),
    "step.ordered": ("发出第一条指令", "First order sent"),
    "step.heard": ("第一部对讲机收到指令", "First radio has the order"),
    "step.taken": ("调度员接警", "Taken by an operator"),
    "step.accepted": ("第一人接受", "First accepted"),
    "step.en_route": ("第一人出发", "First on the way"),
    "step.on_scene": ("第一人到达现场", "First on scene"),
    "step.closed": ("结案", "Closed"),
    # the called
    "part.called": ("呼叫的人员与理由", "Who was called, and why"),
    "called.none": ("没有呼叫任何人。", "Nobody was called."),
    "called.wave": ("第 {wave} 批", "Wave {wave}"),
    "called.hand": ("调度员指派", "Sent by an operator"),
    "called.others": ("未呼叫：", "Not called: "),
    "called.others_gone": (
        "其余人员的情况未列出或已删除。",
        "What was known of the others is left out or was erased.",
    ),
    "called.other": ("{what} {count} 人", "{count} {what}"),
    "called.unit": ("人员", "Unit"),
    "called.role": ("身份", "Role"),
    "called.facts": ("被呼叫的依据", "Why called"),
    "called.ordered": ("指令", "Ordered"),
    "called.answer": ("答复", "Answer"),
    "called.on_scene": ("到场", "On scene"),
    "called.state": ("结果", "In the end"),
    "candidate.distance_m": ("相距 {value} 米", "{value} m away"),
    "candidate.fix_age_s": ("定位 {value} 秒前", "position {value} s old"),
    "candidate.walk_s": ("步行 {value}", "{value} on foot"),
    "candidate.eta_s": ("预计 {value} 到达", "expected in {value}"),
    "candidate.chance": ("按时到场的可能 {value}", "{value} likely to come in time"),
    "candidate.need": ("需要{value}", "needed: {value}"),
    "candidate.skills": ("技能：{value}", "skills: {value}"),
    "candidate.busy": ("另有 {value} 级任务", "on an errand of priority {value}"),
    "candidate.asked": ("近 90 日被呼叫 {value} 次", "asked {value} times in 90 days"),
    "candidate.accepted": ("接受 {value} 次", "accepted {value}"),
    "candidate.call_outs": ("近日出动 {value} 次", "went out {value} times lately"),
    "span.minutes": ("{value} 分钟", "{value} min"),
    "span.seconds": ("{value} 秒", "{value} s"),
    "ring.0": ("同一网格", "own grid"),
    "ring.1": ("相邻网格", "next grid"),
    "ring.n": ("第 {value} 圈网格", "ring {value} of grids"),
    "ring.-1": ("网格外", "outside all grids"),
    # the story
    "part.story": ("经过", "What happened"),
    "story.seq": ("序号", "Fact"),
    "story.what": ("内容", "What"),
    "story.erased": ("内容已于 {day} 删除", "words erased on {day}"),
    "story.left_out": ("内容未列出", "words left out"),
    "story.cut": (
        "此处略去 {count} 条，见 JSON 文件。",
        "{count} further facts stand in the JSON file.",
    ),
    "story.gone": ("此处 {count} 条未列入档案。", "{count} facts here are not in the file."),
    "story.sent": ("向 {unit} 发出指令", "order to {unit}"),
    "story.received": (
        "{unit} 的报警到达中心（对讲机时间 {device}）",
        "the press of {unit} reached the centre (radio's clock: {device})",
    ),
    "story.repeated": (
        "{unit} 的报警重复收到，共 {count} 次",
        "the press of {unit} was heard again, {count} times in all",
    ),
    "story.conflicted": (
        "{unit} 以同一编号发来不同内容，保留先到的",
        "{unit} sent other content under the same number; the first is kept",
    ),
    "story.undecided": (
        "无法自动判定（{reason}），请人工呼叫",
        "no decision ({reason}): call by hand",
    ),
    # facts that the operators' terminal does not tell, and what they carry
    "fact.AlarmLeft": ("这次报警移到另一起警情", "the press was moved to another incident"),
    "fact.IncidentLinked": ("与另一起警情的关系", "stands to another incident"),
    "fact.StepBegun": ("响应进入下一步骤", "the response enters a step"),
    "fact.PlanChanged": ("改用另一预案", "chooses another plan"),
    "fact.CallsHeld": ("自动呼叫", "calling by machine"),
    "fact.IncidentRevised": ("更改类别或等级", "changes kind or priority"),
    "fact.PlaceRevised": ("更改地点", "changes the place"),
    "fact.ChecklistTicked": ("核对清单", "checklist"),
    "fact.OrderShown": ("对讲机已显示指令", "has the order on the screen"),
    "fact.GatewayTried": ("另行通知", "also told by other means"),
    "fact.LeaseLapsed": ("离席过久，接警失效", "was away too long and holds it no more"),
    "fact.HandedOver": ("移交", "hands it over"),
    "fact.PersonTold": ("通知名册外人员", "a person outside the roster told"),
    "fact.CancelRequested": ("请求取消警情", "asks to call it off"),
    "fact.CancelAnswered": ("答复取消请求", "answers the request to call it off"),
    "fact.CallbackMade": ("回访报警人", "calls the reporter back"),
    "fact.IncidentExported": ("交出档案", "hands out the file"),
    "member.agency": ("单位", "agency"),
    "member.done": ("已完成", "done"),
    "member.due_t": ("下一步骤不晚于", "next step at"),
    "member.duplicate_of": ("与之重复", "the same as"),
    "member.duress": ("受胁迫", "under duress"),
    "member.false_reason": ("误报原因", "why false"),
    "member.gateway": ("途径", "by"),
    "member.granted": ("同意", "granted"),
    "member.grid": ("网格", "grid"),
    "member.held": ("暂停", "held"),
    "member.how": ("关系", "how"),
    "member.item": ("项目", "item"),
    "member.kind": ("类别", "kind"),
    "member.moved_from": ("来自", "from"),
    "member.need": ("需要", "need"),
    "member.ok": ("送达", "delivered"),
    "member.other": ("另一起警情", "other incident"),
    "member.person": ("人员", "person"),
    "member.personal": ("含个人信息", "with personal values"),
    "member.place_source": ("地点来源", "place known by"),
    "member.plan": ("预案", "plan"),
    "member.priority": ("等级", "priority"),
    "member.reason": ("原因", "reason"),
    "member.recall": ("通知撤回", "that it was called back"),
    "member.reporter": ("另一报警人", "another reporter"),
    "member.satisfaction": ("满意度", "satisfaction"),
    "member.seal": ("封印", "seal"),
    "member.step": ("步骤", "step"),
    "member.taken_from": ("原接警人", "until then held by"),
    "member.tell": ("通知", "to be told"),
    "member.tier": ("层级", "level"),
    "member.to": ("移至", "to"),
    "member.volunteered": ("主动前往", "offered to go"),
    "member.why": ("原因", "why"),
    "yes.true": ("是", "yes"),
    "yes.false": ("否", "no"),
    "skill.medical": ("医护", "medical"),
    "skill.first_aid": ("急救", "first aid"),
    "skill.fire": ("消防", "fire fighting"),
    "skill.mediation": ("调解", "mediation"),
    "skill.counselling": ("心理疏导", "counselling"),
    "skill.childcare": ("照看儿童", "childcare"),
    "skill.english": ("英语", "English"),
    "skill.sign_language": ("手语", "sign language"),
    "skill.water_rescue": ("水上救援", "water rescue"),
    # words
    "part.notes": ("记录的文字", "Words written down"),
    "notes.none": ("没有。", "None."),
    # tracks
    "part.tracks": ("轨迹", "Tracks"),
    "tracks.none": ("档案中没有轨迹。", "There are no tracks in the file."),
    "tracks.fixes": ("定位点", "Fixes"),
    "tracks.from": ("自", "From"),
    "tracks.to": ("至", "To"),
    "tracks.left_out": ("（另有 {count} 个未列入）", "({count} more left out)"),
    "tracks.why": (
        (
            "轨迹自本人报警或收到指令起，至退出或结案后 5 分钟止。"
            "定位来自历史记录，不在日志的校验链中。"
        ),
        (
            "A track runs from the person's own press or order until five minutes after their"
            " release or the closing. Positions come from the history, which is in no chain of"
            " the journal."
        ),
    ),
    "tracks.place": ("警情地点", "place of the incident"),
    "tracks.start": ("起", "start"),
    "tracks.end": ("止", "end"),
    "tracks.north": ("北", "N"),
    # the seal
    "part.seal": ("封印与核验", "The seal, and how to check it"),
    "seal.seal": ("封印", "Seal"),
    "seal.file": ("文件", "File"),
    "seal.facts": ("事实", "Facts"),
    "seal.range": (
        "{count} 条，日志第 {first} 至 {last} 号",
        "{count}, journal numbers {first} to {last}",
    ),
    "seal.how": (
        (
            "本页由同名 JSON 文件生成。受封印保护的是该文件，不是这张纸："
            "请核对文件的封印与上面的是否一致。核验不需要服务器："
        ),
        (
            "This page was made from the JSON file of the same name. The seal protects that file,"
            " not this paper: see that the file's seal is the one above. Checking needs no server:"
        ),
    ),
    "seal.shows": (
        "核验能发现：文件中任何一部分被改动、删除、调换或截断，并指出是哪一部分。",
        "It shows whether a part of the file was changed, removed, swapped or cut off, and which.",
    ),
    "seal.hides": (
        (
            "单凭文件不能证明：没有人连同全部校验值重写过它，编号之间没有遗漏本警情的事实，"
            "以及文件确由本中心制作。为此请到中心与日志比对，或询问中心是否交出过此封印。"
        ),
        (
            "The file alone cannot show that nobody wrote it anew with all its hashes, that no fact"
            " of the incident is missing between the numbers, nor that this centre made it. For"
            " that, compare it with the journal at the centre, or ask the centre whether it handed"
            " out this seal."
        ),
    ),
    "sign.given": ("交出人", "Given by"),
    "sign.taken": ("接收人", "Received by"),
    "sign.date": ("日期", "Date"),
    "sign.stamp": ("盖章", "Stamp"),
    # codes that only this page shows
    "role.volunteer": ("志愿者", "volunteer"),
    "role.guard": ("保安", "guard"),
    "role.police": ("民警", "police officer"),
    "state.offered": ("已发出指令", "order sent"),
    "state.received": ("收到指令，未答复", "has the order, no answer"),
    "state.accepted": ("接受", "accepted"),
    "state.declined": ("不能前往", "declined"),
    "state.en_route": ("赶往现场", "on the way"),
    "state.on_scene": ("在现场", "on scene"),
    "state.clear": ("处置完毕", "clear"),
    "state.withdrawn": ("已撤回", "called back"),
    "state.expired": ("没有答复", "gave no answer"),
    "source.fix": ("报警时的定位", "the fix of the press"),
    "source.last_fix": ("对讲机最后一次定位", "the radio's last fix"),
    "source.post": ("所在岗位的网格", "the grid of the post"),
    "source.operator": ("调度员指定", "an operator"),
    "source.none": ("不详", "nothing"),
}


class PageTongue:
    """One of the two languages, with the words of the page and those of words.py."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._index = LANGUAGES.index(language)

    def __call__(self, group: str, code: str, **values: object) -> str:
        """The words for a code, with values put in; the code itself where there are none."""
        name = f"{group}.{code}"
        pair = PAGE_WORDS.get(name) or WORDS.get(name)
        return code if pair is None else pair[self._index].format(**values)

    def knows(self, group: str, code: str) -> bool:
        """Whether there are words for a code."""
        return f"{group}.{code}" in PAGE_WORDS or f"{group}.{code}" in WORDS

    def either(self, zh: str, en: str) -> str:
        """The name in this language, where there is one."""
        return (en or zh) if self.language == "en" else zh
