"""The hand-over sheet: one page that an operator reads out to an agency, prints and signs."""

from collections.abc import Iterator
from typing import Final

from console.casefile_map import picture
from console.casefile_page import text
from console.handover_told import Sheet, SheetTold
from console.paper import document, pair, table

LETTERS: Final = 32.0
"""Of the sketch, which is less than half as wide as the paper."""


def handover_page(sheet: Sheet, *, language: str) -> str:
    """The document, complete in itself."""
    told = SheetTold(sheet, language)
    title = f"{told.say('sheet', 'title')} {sheet.doc.id}"
    return document(language, title, _body(told))


def _body(told: SheetTold) -> Iterator[str]:
    yield from _head(told)
    yield from _out_loud(told)
    yield from _place(told)
    yield from _reporter(told)
    yield from _known(told)
    yield from _units(told)
    yield from _done(told)
    yield from _receipt(told)


def _head(told: SheetTold) -> Iterator[str]:
    doc, say = told.doc, told.say
    if doc.drill is not None:
        # Fixed: it stands on every sheet of paper, also on those that fell apart.
        yield f'<div class="stamp" aria-hidden="true">{text(say("warn", "stamp"))}</div>'
    yield "<header>"
    yield f'<div class="number">{text(say("sheet", "number"))}<b>{text(doc.id)}</b></div>'
    yield f'<div class="centre">{text(told.community)}</div>'
    to = say("sheet", "to", agency=told.agency)
    yield f"<h1>{text(say('sheet', 'title'))} · {text(to)}</h1>"
    yield "</header>"
    for warning in told.warnings():
        yield f'<p class="warn">{text(warning)}</p>'
    yield "<dl>"
    yield from pair(say("page", "kind"), text(say("kind", doc.kind)))
    yield from pair(say("page", "priority"), text(doc.priority))
    yield from pair(say("page", "opened"), text(told.times.moment(doc.opened_t)))
    yield from pair(say("page", "phase"), text(say("phase", doc.phase)))
    yield from pair(say("page", "taken"), text(doc.taken_by or say("page", "nobody")))
    yield "</dl>"
    made = told.times.moment(told.sheet.printed_t)
    zone = told.times.zone
    yield f'<p class="small">{text(say("sheet", "made", when=made, zone=zone))}</p>'


def _out_loud(told: SheetTold) -> Iterator[str]:
    yield f"<h2>{text(told.say('out', 'title'))}</h2>"
    yield '<div class="say">'
    for sentence in told.read_out():
        yield f"<p>{text(sentence)}</p>"
    yield "</div>"


def _place(told: SheetTold) -> Iterator[str]:
    doc, say = told.doc.place, told.say
    yield f"<h2>{text(say('part', 'place'))}</h2>"
    yield '<div class="beside"><dl>'
    where = told.where() or say("place", "unknown")
    yield from pair(say("place", "words"), f"<b>{text(where)}</b>", wide=True)
    for datum, point in told.points().items():
        yield from pair(say("place", datum), text(point), wide=True)
    source = [say("source", doc.source)]
    if doc.fix_t is not None:
        source.append(told.times.moment(doc.fix_t))
    if doc.acc_m is not None:
        source.append(say("page", "accuracy", m=round(doc.acc_m)))
    yield from pair(say("place", "source"), text(" · ".join(source)), wide=True)
    yield "</dl>"
    if doc.lon is not None and doc.lat is not None:
        grids, near = told.sheet.names.grids, told.landmarks()
        drawn = picture([], grids, (doc.lon, doc.lat), say, near, size=LETTERS)
        yield f"<figure>{drawn}</figure>"
    yield "</div>"


def _reporter(told: SheetTold) -> Iterator[str]:
    doc, say = told.doc, told.say
    yield f"<h2>{text(say('part', 'reporter'))}</h2>"
    yield "<dl>"
    if doc.sender is not None:
        yield from pair(say("reporter", "radio"), text(told.unit(doc.sender)), wide=True)
    if doc.rings and doc.last_press_t is not None:
        when = told.times.clock(doc.last_press_t)
        presses = say("reporter", "presses", count=doc.rings, when=when)
        yield from pair("", text(presses), wide=True)
    if doc.caller_name:
        yield from pair(say("reporter", "name"), text(doc.caller_name))
    if doc.caller_phone:
        yield from pair(say("reporter", "phone"), f"<b>{text(doc.caller_phone)}</b>")
    if doc.opened_by:
        yield from pair(say("reporter", "operator"), text(doc.opened_by), wide=True)
    others = told.reporters()
    if others:
        named = say("mark", "comma").join(others)
        yield from pair(say("reporter", "others"), text(named), wide=True)
    yield "</dl>"


def _known(told: SheetTold) -> Iterator[str]:
    yield f"<h2>{text(told.say('part', 'known'))}</h2>"
    notes = told.known()
    if not notes:
        yield f"<p>{text(told.say('known', 'none'))}</p>"
    for each in notes:
        about = " · ".join(part for part in (told.times.clock(each.t), each.by) if part)
        yield f"<blockquote>{text(each.text)}<footer>{text(about)}</footer></blockquote>"


def _units(told: SheetTold) -> Iterator[str]:
    say = told.say
    yield f"<h2>{text(say('part', 'units'))}</h2>"
    rows = told.units()
    if not rows:
        yield f"<p>{text(say('units', 'none'))}</p>"
        return
    heads = [say("units", code) for code in ("unit", "role", "state", "since", "order")]
    yield from table(heads, rows)


def _done(told: SheetTold) -> Iterator[str]:
    say = told.say
    heads = [say("done", "time"), say("done", "what")]
    yield f"<h2>{text(say('part', 'done'))}</h2>"
    done = told.done()
    if done:
        yield from table(heads, done, kind="times")
    else:
        yield f"<p>{text(say('done', 'none'))}</p>"
    checked = told.checked()
    if checked:
        yield f"<h3>{text(say('part', 'checklist'))}</h3>"
        yield from table(heads, checked, kind="times")


def _receipt(told: SheetTold) -> Iterator[str]:
    say = told.say
    yield f"<h2>{text(say('part', 'receipt'))}</h2>"
    for line in told.told_before():
        yield f"<p>{text(line)}</p>"
    yield '<div class="blank">'
    for code in ("agency", "person", "number", "time", "by", "eta", "says"):
        given = told.agency if code == "agency" else ""
        yield f"<span>{text(say('receipt', code))}</span><i>{text(given)}</i>"
    yield "</div>"
