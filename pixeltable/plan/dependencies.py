"""Which computed columns depend on which columns, and in what order they are computed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pixeltable.catalog.records import ColumnRecord, Schema


def affected(schema: Schema, changed: Iterable[int], left_out: Collection[int] = ()) -> list[ColumnRecord]:
    """The stored computed columns to compute again when `changed` columns change, each after those that it reads.

    Columns that are left out, though they would be among them, do not change.
    """
    stale = set(changed)
    result = []
    for column in in_order(schema):
        if column.id not in left_out and stale & set(column.depends_on):
            stale.add(column.id)
            if column.stored:
                result.append(column)
    return result


def readers(schema: Schema, changed: Iterable[int]) -> list[ColumnRecord]:
    """The stored computed columns that read `changed` columns directly, or by way of columns that are not stored."""
    reached = set(changed)
    result = []
    for column in in_order(schema):
        if reached & set(column.depends_on):
            if column.stored:
                result.append(column)
            else:
                reached.add(column.id)
    return result


def reached(schema: Schema, columns: Iterable[int]) -> set[int]:
    """`columns`, by their ids in a table or view, with those that are computed from them and not stored, its base's included."""
    found = set(columns)
    unstored = [each for each in (*schema.columns, *schema.inherited) if not each.stored]
    while new := {each.id for each in unstored if each.id not in found and found & set(each.depends_on)}:
        found |= new
    return found


def in_order(schema: Schema) -> list[ColumnRecord]:
    """The computed columns, each after those that it reads. A column's id is greater than those of its inputs when it is
    added, but replacing its expression may turn that round, so the order is by depth."""
    depths: dict[int, int] = {}

    def depth(column_id: int) -> int:
        if column_id not in depths:
            column = schema.by_id(column_id)
            inputs = column.depends_on if column else ()
            depths[column_id] = 1 + max((depth(i) for i in inputs), default=0)
        return depths[column_id]

    return sorted(schema.computed, key=lambda column: (depth(column.id), column.id))


def dependents(schema: Schema, column_id: int) -> list[ColumnRecord]:
    """The columns that read `column_id` directly."""
    return [column for column in schema.columns if column_id in column.depends_on]


def inputs(schema: Schema, columns: Iterable[ColumnRecord]) -> set[int]:
    """The ids of the computed columns that `columns` read, directly or by way of others."""
    found: set[int] = set()
    rest = list(columns)
    while rest:
        read = (schema.by_id(column_id) for column_id in rest.pop().depends_on)
        new = [column for column in read if column is not None and column.is_computed and column.id not in found]
        found.update(column.id for column in new)
        rest += new
    return found
