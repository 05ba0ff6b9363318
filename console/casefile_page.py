"""The page of an incident file: one HTML document that stands for itself, on a screen and on paper.

It needs no server, script, font or picture from anywhere, and its own content
security policy allows none: whatever hostile words a note holds, they stay words.
"""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import pairwise
from typing import Final

from console.casefile_map import picture, way_style
from console.casefile_style import STYLE, policy
from console.casefile_told import STORY_MAX, Line, Told, Wave
from console.casefile_words import PageTongue
from dispatch.casefile.seal import CaseFile
from dispatch.clock import SECOND, Instant

LANG: Final = {"zh": "zh-CN", "en": "en"}
LINE_BREAKS: Final = frozenset("\n\t")


def case_page(file: CaseFile, *, language: str, printed_t: Instant) -> str:
    """The document. Raises UnknownIncidentError, FactUnreadableError."""
    say = PageTongue(language)
    told = Told(file, say)
    name = told.contents.about.incident
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{LANG[language]}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{text(policy())}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{text(say('page', 'title'))} {text(name)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *_head(told, say, printed_t),
            *_steps(told, say),
            *_called(told, say),
            *_story(told, say),
            *_words(told, say),
            *_tracks(told, say),
            *_seal(told, say),
            "</body>",
            "</html>",
            "",
        )
    )


def text(words: object) -> str:
    """Words as HTML shows them: no tags, and nothing that turns the line around or hides in it."""
    shown = (c if c.isprintable() or c in LINE_BREAKS else "\ufffd" for c in str(words))
    return escape("".join(shown), quote=True)


# --- parts ---


def _head(told: Told, say: PageTongue, printed_t: Instant) -> Iterator[str]:
    doc, about = told.doc, told.contents.about
    community = told.contents.directory.community
    yield "<header>"
    yield f'<div class="number">{text(say("page", "number"))}<b>{text(doc.id)}</b></div>'
    yield f'<div class="centre">{text(say.either(community.zh, community.en))}</div>'
    yield f"<h1>{text(say('page', 'title_of', kind=say('kind', doc.kind)))}</h1>"
    marks = [("covert", doc.covert), ("late", told.late), ("drill", told.drill)]
    shown = [
        f'<span class="mark">{text(say("mark", code))}</span>' for code, is_so in marks if is_so
    ]
    if shown:
        yield f'<div class="marks">{"".join(shown)}</div>'
    yield "</header>"
    if told.drill:
        yield f'<p class="drill">{text(say("mark", "drill_long"))}</p>'
    yield "<dl>"
    yield from _pair(say("page", "place"), _place(told, say), wide=True)
    yield from _pair(say("page", "kind"), _kind(told, say))
    yield from _pair(say("page", "priority"), text(doc.priority))
    yield from _pair(say("page", "opened"), text(told.moment(doc.opened_t * 1000)))
    yield from _pair(say("page", "closed"), _closed(told, say))
    yield from _pair(say("page", "sender"), _sender(told, say))
    yield from _pair(say("page", "taken"), text(doc.taken_by or say("page", "nobody")))
    yield from _pair(say("page", "disposition"), _disposition(told, say))
    yield from _pair(say("page", "phase"), text(say("phase", doc.phase)))
    yield from _pair(say("page", "plan"), text(doc.plan))
    linked = doc.linked_to or doc.duplicate_of
    yield from _pair(say("page", "linked"), text(linked or say("page", "nobody")))
    yield "</dl>"
    left_out = about.left_out
    if not about.personal:
        yield f"<p><b>{text(say('page', 'left_out_all'))}</b></p>"
    elif left_out.facts or left_out.values or left_out.fixes:
        counts = {
            "facts": left_out.facts,
            "values": left_out.values,
            "fixes": left_out.fixes,
        }
        yield f"<p><b>{text(say('page', 'left_out_some', **counts))}</b></p>"
    zone = say("page", "zone", zone=told.zone)
    made = say("page", "made", when=told.moment(printed_t))
    yield f'<p class="small">{text(zone)} · {text(made)}</p>'


def _steps(told: Told, say: PageTongue) -> Iterator[str]:
    yield f"<h2>{text(say('part', 'steps'))}</h2>"
    heads = [("step", "step"), ("step", "time"), ("step", "since"), ("step", "who")]
    rows = [
        f"<tr><td>{text(say('step', step.code))}</td>"
        f'<td class="t">{text(told.moment(step.t))}{text(_tenths(step.t))}</td>'
        f'<td class="n">{text(_after(step.since_us, tenths=True))}</td>'
        f"<td>{text(step.who)}</td></tr>"
        for step in told.steps()
    ]
    yield from _table(say, heads, rows, numbers={2}, kind="steps")


def _called(told: Told, say: PageTongue) -> Iterator[str]:
    yield f"<h2>{text(say('part', 'called'))}</h2>"
    waves = told.waves()
    if not waves:
        yield f"<p>{text(say('called', 'none'))}</p>"
    for wave in waves:
        yield from _wave(wave, say)


def _wave(wave: Wave, say: PageTongue) -> Iterator[str]:
    if wave.number:
        title = f"{say('called', 'wave', wave=wave.number)} · {wave.at}"
    else:
        title = say("called", "hand")
    yield f"<h3>{text(title)}</h3>"
    if wave.asked:
        codes = ("unit", "role", "facts", "ordered", "answer", "on_scene", "state")
        rows = [
            f"<tr><td>{text(each.unit)}</td><td>{text(each.role)}</td><td>{text(each.why)}</td>"
            f'<td class="t">{text(each.ordered)}</td><td class="t">{text(each.answer)}</td>'
            f'<td class="t">{text(each.on_scene)}</td><td>{text(each.state)}</td></tr>'
            for each in wave.asked
        ]
        yield from _table(say, [("called", code) for code in codes], rows, kind="called")
    else:
        yield f"<p>{text(say('called', 'none'))}</p>"
    if wave.others:
        yield f'<p class="small">{text(wave.others)}</p>'


def _story(told: Told, say: PageTongue) -> Iterator[str]:
    yield f"<h2>{text(say('part', 'story'))}</h2>"
    lines = list(told.story())
    rows: list[str] = []
    cut = len(lines) - STORY_MAX
    shown = lines if cut <= 0 else [*lines[: STORY_MAX // 2], *lines[-(STORY_MAX // 2) :]]
    day = ""
    for n, line in enumerate(shown):
        if cut > 0 and n == STORY_MAX // 2:
            rows.append(_cut(say("story", "cut", count=cut)))
        if line.missing_before:
            rows.append(_cut(say("story", "gone", count=line.missing_before)))
        if told.day(line.t) != day:
            day = told.day(line.t)
            rows.append(f'<tr class="day"><td colspan="4">{text(day)}</td></tr>')
        rows.append(_line(told, line, start=lines[0].t))
    heads = [("story", "seq"), ("step", "time"), ("step", "since"), ("story", "what")]
    yield from _table(say, heads, rows, numbers={0, 2})


def _line(told: Told, line: Line, *, start: Instant) -> str:
    gone = f' <span class="gone">({text(line.gone)})</span>' if line.gone else ""
    return (
        f'<tr><td class="n">{line.seq}</td><td class="t">{text(told.clock(line.t))}</td>'
        f'<td class="n">{text(_after(line.t - start))}</td><td>{text(line.what)}{gone}</td></tr>'
    )


def _cut(words: str) -> str:
    return f'<tr class="cut"><td colspan="4">{text(words)}</td></tr>'


def _words(told: Told, say: PageTongue) -> Iterator[str]:
    yield f"<h2>{text(say('part', 'notes'))}</h2>"
    found = list(told.words())
    if not found:
        yield f"<p>{text(say('notes', 'none'))}</p>"
    for each in found:
        about = " · ".join(part for part in (told.moment(each.t), each.by, each.what) if part)
        yield f"<blockquote>{text(each.text)}<footer>{text(about)}</footer></blockquote>"


def _tracks(told: Told, say: PageTongue) -> Iterator[str]:
    yield f"<h2>{text(say('part', 'tracks'))}</h2>"
    tracks = told.contents.tracks
    drawn = picture(tracks, told.contents.directory.grids, told.place, say)
    if drawn:
        yield f"<figure>{drawn}</figure>"
    if not tracks:
        yield f"<p>{text(say('tracks', 'none'))}</p>"
        return
    rows = []
    for number, track in enumerate(tracks, start=1):
        colour, dashes = way_style(number)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        # Beside each name a piece of its way, as on the picture.
        key = (
            '<svg viewBox="0 0 90 12">'
            f'<path d="M2 6H88" stroke="{colour}" stroke-width="5"{dashed}/></svg>'
        )
        left_out = (
            " " + say("tracks", "left_out", count=track.fixes_left_out)
            if track.fixes_left_out
            else ""
        )
        rows.append(
            f'<tr><td class="n">{number}</td><td>{key}</td><td>{text(told.unit(track.unit))}</td>'
            f'<td class="t">{text(told.moment(track.from_t))}</td>'
            f'<td class="t">{text(told.moment(track.to_t))}</td>'
            f'<td class="n">{len(track.fixes)}{text(left_out)}</td></tr>'
        )
    heads = [("", ""), ("", ""), ("called", "unit"), ("tracks", "from"), ("tracks", "to")]
    yield from _table(say, [*heads, ("tracks", "fixes")], rows, numbers={0, 5})
    yield f'<p class="small">{text(say("tracks", "why"))}</p>'


def _seal(told: Told, say: PageTongue) -> Iterator[str]:
    about, facts = told.contents.about, told.contents.facts
    file = f"{about.incident}.json"
    span = {"count": len(facts), "first": facts[0].seq, "last": facts[-1].seq}
    yield f"<h2>{text(say('part', 'seal'))}</h2>"
    yield f'<div class="seal">{text(_in_fours(told.seal))}</div>'
    yield "<dl>"
    yield from _pair(say("seal", "file"), f"<code>{text(file)}</code>", wide=True)
    yield from _pair(say("seal", "facts"), text(say("seal", "range", **span)), wide=True)
    yield "</dl>"
    yield f"<p>{text(say('seal', 'how'))} <code>yihu verify {text(file)}</code></p>"
    yield f"<p>{text(say('seal', 'shows'))}</p>"
    yield f"<p>{text(say('seal', 'hides'))}</p>"
    signs = "".join(
        f"<span>{text(say('sign', code))}</span>" for code in ("given", "taken", "date", "stamp")
    )
    yield f'<div class="sign">{signs}</div>'


# --- pieces ---


def _pair(name: str, value: str, *, wide: bool = False) -> Iterator[str]:
    """``value`` is HTML already."""
    about = ' class="wide"' if wide else ""
    yield f"<dt>{text(name)}</dt><dd{about}>{value}</dd>"


def _table(
    say: PageTongue,
    heads: Iterable[tuple[str, str]],
    rows: Iterable[str],
    *,
    numbers: Iterable[int] = (),
    kind: str = "plain",
) -> Iterator[str]:
    yield f'<table class="{kind}"><thead><tr>'
    for column, (group, code) in enumerate(heads):
        right = ' class="n"' if column in set(numbers) else ""
        yield f"<th{right}>{text(say(group, code)) if code else ''}</th>"
    yield "</tr></thead><tbody>"
    yield from rows
    yield "</tbody></table>"


def _kind(told: Told, say: PageTongue) -> str:
    return text(say("kind", told.doc.kind))


def _closed(told: Told, say: PageTongue) -> str:
    doc = told.doc
    if doc.closed_t is None:
        return text(say("page", "open"))
    return text(f"{told.moment(doc.closed_t * 1000)} · {doc.closed_by}")


def _disposition(told: Told, say: PageTongue) -> str:
    ended = told.doc.disposition
    return text(say("page", "open") if ended is None else say("disposition", ended))


def _sender(told: Told, say: PageTongue) -> str:
    doc = told.doc
    if doc.sender is None:
        return text(f"{say('page', 'by_hand')} · {doc.opened_by or say('page', 'unknown')}")
    rings = f" · {say('page', 'rings', count=doc.rings)}" if doc.rings > 1 else ""
    return text(told.unit(doc.sender) + rings)


def _place(told: Told, say: PageTongue) -> str:
    doc = told.doc.place
    told_in_words = text(told.where() or say("page", "unknown"))
    if told.place is None:
        return f"<b>{told_in_words}</b>"
    lon, lat = told.place
    facts = [f"{lat:.6f}, {lon:.6f}", say("page", "wgs84")]
    if doc.acc_m is not None:
        facts.append(say("page", "accuracy", m=round(doc.acc_m)))
    source = say("source", doc.source)
    if doc.fix_t is not None:
        source += f" {told.moment(doc.fix_t * 1000)}"
    facts.append(source)
    return f'<b>{told_in_words}</b><br><span class="small">{text(" · ".join(facts))}</span>'


def _after(us: Instant, *, tenths: bool = False) -> str:
    """How long after, as people read it: +0:07, -0:01.2, +1:02:33."""
    if tenths and abs(us) < SECOND // 20:
        return "0:00.0"
    sign = "-" if us < 0 else "+"
    whole_s, rest_us = divmod(abs(us), SECOND)
    minutes, seconds = divmod(whole_s, 60)
    hours, minutes = divmod(minutes, 60)
    told = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{sign}{told}.{rest_us * 10 // SECOND}" if tenths else sign + told


def _tenths(t: Instant) -> str:
    """What stands behind the seconds of a key time."""
    return f".{t % SECOND * 10 // SECOND}"


def _in_fours(seal: str) -> str:
    cuts = range(0, len(seal) + 4, 4)
    return " ".join(seal[a:b] for a, b in pairwise(cuts) if seal[a:b])
