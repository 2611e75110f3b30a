"""The verbs of a table that tell what it is made from, and what is made from it."""

from __future__ import annotations

from typing import Self

from pixeltable.api.handle import Handle
from pixeltable.exec.views.explaining import how_it_follows


class Deriving(Handle):
    """get_base_table, list_views, explain."""

    __slots__ = ()

    def explain(self) -> str:
        """The stages that `collect` would run, as text; of a view also how it follows each table that it is of: incrementally, or
        by recomputing some of its rows, or all."""
        stages: str = super().explain()
        return '\n'.join([stages, *how_it_follows(self._session.engine, self._schema())])

    def get_base_table(self) -> Self | None:
        """The table that this view or snapshot is of, as it reads it: at the same version, if that is fixed. Of a view that joins
        several, it is the first. None for a table that is of no other."""
        schema = self._schema()
        view = schema.table.view
        if view is None:
            own = self._session.catalog.table_id(self._path) if self._version is not None else None
            if own is None or own == self._table_id:
                return None
            return type(self)(self._session, self._table_id, schema.table.path, self._version)
        path = self._bases(schema)[0]
        return type(self)(self._session, view.base, path, view.version)

    def list_views(self, *, recursive: bool = True) -> list[str]:
        """The paths of the views of this table, and of its snapshots that have paths, sorted.

        Args:
            recursive: whether those of the views are listed too, and so on.
        """
        catalog = self._session.catalog
        self._schema()  # which raises for a table that was dropped
        found, rest = set[str](), [self._table_id]
        while rest:
            records = catalog.derived(rest.pop())
            found |= {record.path for record in records}
            rest += [record.id for record in records if recursive]
        return sorted(found)
