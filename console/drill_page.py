"""The report of an exercise as one page to read, discuss and print."""

from collections.abc import Iterator, Mapping
from typing import Final

from console.casefile_page import text
from console.drill_report import DrillIncidentDoc, DrillReport, DrillUnitDoc, SpanDoc
from console.drill_words import REPORT_WORDS
from console.paper import PaperTongue, Times, document, pair, table

DASH: Final = "–"
"""Where there is nothing to tell."""


def drill_page(report: DrillReport, *, language: str) -> str:
    """The document, complete in itself."""
    say = PaperTongue(language, REPORT_WORDS)
    return document(language, f"{say('report', 'title')} {report.id}", _body(report, say))


def _body(report: DrillReport, say: PaperTongue) -> Iterator[str]:
    times = Times(report.zone)
    yield from _head(report, say, times)
    if report.incidents:
        yield from _incidents(report, say, times)
        yield from _spans(report, say)
        yield from _units(report, say)
        yield from _silent(report, say)
    else:
        yield f"<p>{text(say('report', 'none'))}</p>"


def _head(report: DrillReport, say: PaperTongue, times: Times) -> Iterator[str]:
    community = say.either(report.community_name.zh, report.community_name.en)
    ended = say("report", "on") if report.ended_t is None else times.moment(report.ended_t)
    yield f'<div class="stamp" aria-hidden="true">{text(say("report", "stamp"))}</div>'
    yield "<header>"
    yield f'<div class="centre">{text(community)}</div>'
    yield f"<h1>{text(say('report', 'title'))}</h1>"
    yield "</header>"
    yield f'<p class="drill">{text(say("report", "drill"))}</p>'
    yield "<dl>"
    yield from pair(say("report", "name"), f"<b>{text(report.name)}</b>")
    yield from pair(say("report", "by"), text(report.by))
    yield from pair(say("report", "started"), text(times.moment(report.started_t)))
    yield from pair(say("report", "ended"), text(ended))
    yield from pair(say("report", "incidents"), text(len(report.incidents)))
    met = say("report", "of", met=report.targets_met, all=report.targets)
    yield from pair(say("report", "targets"), text(met))
    yield "</dl>"
    made = say("report", "made", when=times.moment(report.now), zone=times.zone)
    yield f'<p class="small">{text(made)}</p>'
    if report.incidents_left_out:
        left_out = say("report", "left_out", count=len(report.incidents))
        yield f"<p><b>{text(left_out)}</b></p>"


def _incidents(report: DrillReport, say: PaperTongue, times: Times) -> Iterator[str]:
    codes = ("number", "kind", "opened", "waves", "asked", "taken", "accepted", "on_scene")
    heads = [say("incident", code) for code in (*codes, "target", "met")]
    yield f"<h2>{text(say('part', 'incidents'))}</h2>"
    rows = (_incident(each, say, times) for each in report.incidents)
    yield from table(heads, rows, numbers=len(heads) - 3, kind="report")


def _incident(doc: DrillIncidentDoc, say: PaperTongue, times: Times) -> list[str]:
    met = "open" if doc.met is None else "yes" if doc.met else "no"
    return [
        doc.id.rpartition("-")[2],
        say("kind", doc.kind),
        times.clock(doc.opened_t),
        str(doc.waves),
        f"{doc.asked} / {doc.came}",
        _span(doc.intervals.get("received_to_taken")),
        _span(doc.intervals.get("received_to_first_accepted")),
        _span(doc.intervals.get("received_to_on_scene")),
        DASH if doc.target_s is None else _span(round(doc.target_s * 1000)),
        say("met", met),
    ]


def _spans(report: DrillReport, say: PaperTongue) -> Iterator[str]:
    heads = [say("span", code) for code in ("name", "count", "median", "longest")]
    rows = (
        [say("span", name), str(span.count), _span(span.median), _span(span.longest)]
        for name, span in report.spans.items()
    )
    yield f"<h2>{text(say('part', 'spans'))}</h2>"
    yield from table(heads, rows, numbers=3, kind="report")


def _units(report: DrillReport, say: PaperTongue) -> Iterator[str]:
    codes = ("unit", "role", "asked", "accepted", "declined", "silent", "came")
    heads = [say("unit", code) for code in (*codes, "heard", "answer", "arrival")]
    yield f"<h2>{text(say('part', 'units'))}</h2>"
    yield from table(
        heads, (_unit(each, say) for each in report.units), numbers=len(heads) - 2, kind="report"
    )


def _unit(doc: DrillUnitDoc, say: PaperTongue) -> list[str]:
    counts = (doc.asked, doc.accepted, doc.declined, doc.silent, doc.came)
    spans = ("order_to_heard", "order_to_accepted", "order_to_on_scene")
    return [
        doc.call_sign,
        say("role", doc.role),
        *map(str, counts),
        *(_median(doc.spans, name) for name in spans),
    ]


def _silent(report: DrillReport, say: PaperTongue) -> Iterator[str]:
    yield f"<h2>{text(say('part', 'silent'))}</h2>"
    silent = [each for each in report.units if each.silent]
    if not silent:
        yield f"<p>{text(say('silent', 'none'))}</p>"
        return
    for each in sorted(silent, key=lambda doc: (-doc.silent, doc.call_sign)):
        told = say("silent", "unit", unit=each.call_sign, count=each.silent)
        if each.unheard:
            told += say("silent", "unheard", count=each.unheard)
        yield f"<p>{text(told)}</p>"
    yield f'<p class="small">{text(say("silent", "why"))}</p>'


def _median(spans: Mapping[str, SpanDoc], name: str) -> str:
    return _span(spans[name].median if name in spans else None)


def _span(ms: int | None) -> str:
    """As people read it: 0:07, 62:03."""
    if ms is None:
        return DASH
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02}"
