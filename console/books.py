"""Plan books as documents: what pages need to show checklists, steps and choices of plans."""

from console.lookups import (
    BookDoc,
    BooksDoc,
    ChecklistItemDoc,
    KindDoc,
    NeedDoc,
    PlanDoc,
    PlanStepDoc,
)
from console.wire import Name
from dispatch.plan import Hours, KindRule, Library, Need, Plan, PlanBook, PlanStep


def books_doc(library: Library, day: str) -> BooksDoc:
    """Every book; the one that answers on this local day (YYYY-MM-DD) is marked."""
    serving = library.serving(day)
    return BooksDoc(books=[_book(each, serving=each is serving) for each in library.books()])


def _book(book: PlanBook, *, serving: bool) -> BookDoc:
    return BookDoc(
        name=book.name,
        version=book.version,
        begins=book.begins,
        ends=book.ends,
        serving=serving,
        kinds=[_kind(each) for each in book.kinds.values()],
        plans=[_plan(each) for each in book.plans],
    )


def _kind(rule: KindRule) -> KindDoc:
    return KindDoc(
        kind=rule.kind,
        priority=rule.priority,
        nearby=rule.nearby,
        near_m=rule.near_m,
        near_s=rule.near_s,
        checklist=[
            ChecklistItemDoc(item=each.item, name=Name(zh=each.zh, en=each.en))
            for each in rule.checklist
        ],
    )


def _plan(plan: Plan) -> PlanDoc:
    return PlanDoc(
        id=plan.plan,
        kinds=sorted(plan.kinds),
        classes=sorted(plan.classes),
        hours=[_hours(each) for each in plan.hours],
        target_s=plan.target_s,
        sure_pct=round(100 * plan.sure),
        on_scene=plan.on_scene,
        steps=[_step(each) for each in plan.steps],
    )


def _step(step: PlanStep) -> PlanStepDoc:
    return PlanStepDoc(
        step=step.step,
        tier=step.tier,
        needs=[_need(each) for each in step.needs],
        rings=step.rings,
        wave_s=step.wave_s,
        hold_s=step.hold_s,
        then=step.then,
        tell=list(step.tell),
        agency=step.agency,
    )


def _need(need: Need) -> NeedDoc:
    return NeedDoc(label=need.label, count=need.count, role=need.role, skill=need.skill)


def _hours(hours: Hours) -> str:
    return "-".join(
        f"{minute // 60:02d}:{minute % 60:02d}" for minute in (hours.begins, hours.ends)
    )
