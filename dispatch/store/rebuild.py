"""Builds the projections again from the journal: after a change of their meaning, or a doubt."""

from sqlalchemy import Connection

from dispatch.store import projections
from dispatch.store.journal import fact_of, kept_of, pages_of, personal_of


def rebuild(conn: Connection) -> int:
    """Empty the projections and replay the journal into them; gives back the number of facts.

    In the caller's transaction: other connections see the old tables until it commits.
    """
    projections.clear(conn)
    count = 0
    for page in pages_of(conn):
        kept = kept_of(personal_of(conn, [row["seq"] for row in page]))
        todo: list[projections.Change] = []
        for row in page:
            todo.extend(projections.changes(fact_of(row, kept), row["seq"]))
        projections.apply(conn, todo)
        count += len(page)
    return count
