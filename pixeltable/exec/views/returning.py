"""A view that was dropped and comes back: its base may have changed meanwhile."""

from __future__ import annotations

from pixeltable.catalog.changes import SchemaIs, VersionIs
from pixeltable.catalog.records import TableRecord
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.refresh import Refresh, Refreshed


def caught_up(engine: Engine, record: TableRecord, dropped: int) -> Refreshed | None:
    """What has to be done to a view that commit `dropped` took away, besides bringing it back; None for what needs nothing.

    Raises NotFoundError TABLE_NOT_FOUND if its base is not there.
    """
    view = record.view
    if view is None:
        return None
    if view.base not in {
        table_id for table_id in engine.catalog.table_ids() if engine.catalog.dropped(table_id) is None
    }:
        raise NotFoundError(
            ErrorCode.TABLE_NOT_FOUND,
            f'{record.path!r} cannot come back: the table that it is a view of was dropped; restore that first.',
        )
    if view.at is not None:
        return None
    newest = engine.catalog.versions(view.base, 1)[0]
    base = engine.source(view.base)
    missed = Refresh(engine, engine.source(record.id, dropped - 1), base, None).carry_out()
    table = base.schema.table
    missed.requirements = [SchemaIs(table.id, table.schema_version), VersionIs(table.id, newest.commit)]
    return missed
