"""Everything that carrying out a query or a change needs, in one frozen object that is passed along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.changes import Commit, Committed
from pixeltable.catalog.records import Schema
from pixeltable.exec.context import Context
from pixeltable.exec.maintenance.leases import Leases
from pixeltable.exec.operation import Operation
from pixeltable.exec.resolve import ComputedColumn, Resolver
from pixeltable.exec.source import Source
from pixeltable.exec.views.turns import Turns
from pixeltable.plan.dependencies import in_order


@dataclass(frozen=True, slots=True)
class Engine:
    catalog: Catalog
    context: Context
    resolver: Resolver
    leases: Leases
    turns: Turns

    def during(self, operation: Operation) -> Engine:
        """This engine for one operation."""
        return Engine(self.catalog, self.context.during(operation), self.resolver, self.leases, self.turns)

    def in_zone(self, zone: str) -> Engine:
        """This engine for what a session in another time zone defined."""
        return replace(self, context=replace(self.context, zone=ZoneInfo(zone)))

    def commit(self, commit: Commit) -> Committed:
        """Commits what an operation did, unless it was cancelled: then nothing of it is left."""
        operation = self.context.operation
        operation.cancellation.check()
        with operation.timings.own('commit'):
            return self.catalog.commit(commit)

    def source(self, table_id: str, at: int | None = None) -> Source:
        """The table's rows as the latest commit sees them, or as commit `at` did."""
        if at is None:
            at = self.catalog.last_commit()  # schema and contents must be those of one commit
        schema = self.catalog.schema(table_id, at)
        view = schema.table.view
        base = (
            None
            if view is None or view.query is not None
            else self.source(view.base, at if view.at is None else view.at)
        )
        return self.leases.note(Source(schema, self.catalog.contents(table_id, at), self.context.store, base))

    def stored_computed(self, schema: Schema) -> list[ComputedColumn]:
        """The stored computed columns of a table, each after those that it reads."""
        return [self.resolver.computed(schema, column) for column in in_order(schema) if column.stored]
