"""What holds rows that were made from those of a table."""

from __future__ import annotations

from collections.abc import Iterable

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.records import TableRecord


def downstream(catalog: Catalog, table_id: str) -> list[TableRecord]:
    """The views and snapshots that hold rows made from a table, those of these, and so on: each after all that it is of."""
    found: dict[str, TableRecord] = {}

    def visit(above: str) -> None:
        for record in catalog.derived(above):
            if record.view is not None and record.id not in found:
                visit(record.id)
                found[record.id] = record

    visit(table_id)
    return list(reversed(found.values()))


def dropped_downstream(catalog: Catalog, table_ids: Iterable[str]) -> list[tuple[TableRecord, int]]:
    """The same, of any of these tables, of those that were dropped and can come back, with the commits that dropped them."""
    above = set(table_ids)
    dropped = {record.id: (record, commit) for record, commit, _ in catalog.all_dropped() if record.view is not None}
    found: dict[str, tuple[TableRecord, int]] = {}

    def visit(record_id: str) -> bool:
        """Whether it is one of them, or one of the tables; adds it after those of which it is."""
        view = dropped[record_id][0].view if record_id in dropped else None
        if view is not None and record_id not in found:
            reached = [visit(source) for source in view.sources]  # all of them come first
            if any(reached):
                found[record_id] = dropped[record_id]
        return record_id in above or record_id in found

    for record_id in dropped:
        visit(record_id)
    return list(found.values())
