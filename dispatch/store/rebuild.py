"""Builds the projections again from the journal: after a change of their meaning, or a doubt."""

import structlog
from sqlalchemy import Connection

from dispatch.errors import FactUnreadableError
from dispatch.store import projections
from dispatch.store.journal import fact_of, kept_of, pages_of, personal_of

log = structlog.get_logger("yihu.store")


def rebuild(conn: Connection) -> int:
    """Empty the projections and replay the journal into them; gives back the number of facts.

    In the caller's transaction: other connections see the old tables until it commits.
    A fact that cannot be read is passed over, and said: somebody who tampered with one old
    row must not keep the hub from starting. ``verify`` tells what is wrong with it.
    """
    projections.clear(conn)
    count = 0
    for page in pages_of(conn):
        kept = kept_of(personal_of(conn, [row["seq"] for row in page]))
        todo: list[projections.Change] = []
        for row in page:
            try:
                todo.extend(projections.changes(fact_of(row, kept), row["seq"]))
            except FactUnreadableError as exc:
                log.error("fact_passed_over", seq=row["seq"], why=exc.why)
        projections.apply(conn, todo)
        count += len(page)
    return count
