"""Computed columns over windows. A change of one row may change their cells in many others, so they are never stored: each query
that reads one computes it from all rows of the table, before it filters any."""

from __future__ import annotations

from collections.abc import Collection

from pixeltable.catalog.records import Schema
from pixeltable.exec.resolve import Resolver
from pixeltable.exprs.bind import fields, window_field
from pixeltable.exprs.nodes import Field, Node
from pixeltable.exprs.visit import transform
from pixeltable.plan.logical import Named, Plan, Windows
from pixeltable.plan.over import with_windows


def with_window_columns(
    resolver: Resolver, schema: Schema, plan: Plan, needed: Collection[str], row_id: Field, prefix: str = ''
) -> Plan:
    """The rows of `plan`, all of a table, with those of its window columns that `needed` names as fields."""
    columns = {prefix + window_field(column.id): column for column in schema.columns if not column.stored}
    done: set[str] = set()

    def renamed(node: Node) -> Node | None:
        return Field(node.type, prefix + node.name, node.label) if isinstance(node, Field) else None

    def add(plan: Plan, name: str) -> Plan:
        if name in done or name not in columns:
            return plan
        done.add(name)
        node = resolver.bind(schema, resolver.unbound(schema, columns[name]))
        node = transform(node, renamed) if prefix else node
        for read in fields(node):
            plan = add(plan, read)
        plan, outputs, _, _ = with_windows(plan, [Named(name, node)], [], [row_id], name)
        return Windows(plan, tuple(outputs))

    for name in sorted(needed):
        plan = add(plan, name)
    return plan
