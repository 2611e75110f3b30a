"""A view that was dropped and comes back: its bases may have changed meanwhile."""

from __future__ import annotations

from pixeltable.catalog.records import TableRecord
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.creating import as_they_are, newest_of
from pixeltable.exec.views.refresh import Refresh
from pixeltable.exec.views.refreshed import Refreshed
from pixeltable.exec.views.requery import Requery


def caught_up(engine: Engine, record: TableRecord, dropped: int) -> Refreshed | None:
    """What has to be done to a view that commit `dropped` took away, besides bringing it back; None for what needs nothing.

    Raises NotFoundError TABLE_NOT_FOUND if one of its bases is not there.
    """
    view = record.view
    if view is None or (view.query is not None and view.at is not None):
        return None
    there = {table_id for table_id in engine.catalog.table_ids() if engine.catalog.dropped(table_id) is None}
    if not there.issuperset(view.sources):
        raise NotFoundError(
            ErrorCode.TABLE_NOT_FOUND,
            f'{record.path!r} cannot come back: a table that it is a view of was dropped; restore that first.',
        )
    if view.at is not None:
        return None
    newest = newest_of(engine, view.sources)
    bases = {base: engine.source(base) for base in view.sources}
    source = engine.source(record.id, dropped - 1)
    if view.query is not None:
        missed = Requery(engine, source, None).renew(bases)
    else:
        missed = Refresh(engine, source, bases[view.base], None).carry_out()
    missed.requirements = list(as_they_are(bases, newest))
    return missed
