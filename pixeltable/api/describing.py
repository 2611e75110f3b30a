"""How a table prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pixeltable.api.default import say
from pixeltable.api.mediaspecs import media_metadata, media_texts
from pixeltable.api.metadata import Metadata
from pixeltable.api.origins import defined_in, owner
from pixeltable.api.render.describe import Description, describe_table, describe_table_html
from pixeltable.catalog.views import LEVEL
from pixeltable.errors import Error
from pixeltable.exec.views.recipe import Recipe
from pixeltable.plan.clause_texts import clause_texts

if TYPE_CHECKING:
    from pixeltable.catalog.records import ColumnRecord, Schema


class Describing(Metadata):
    """describe, and how a table prints."""

    __slots__ = ()

    def describe(self) -> None:
        """Prints the columns, indexes and comment of the table."""
        say(repr(self), always=True)

    def _description(self) -> Description:
        schema: Schema = self._schema()
        own = self._own_record(schema.table)
        kind, base = self._kind_and_base()
        title = f"{kind} '{self._path}'"
        if base is not None:
            of = (
                base
                if schema.table.view is None or len(schema.table.base_ids) == 1
                else "', '".join(self._bases(schema))
            )
            title += f" (of '{of}')"
            title += ''.join(f'\n{clause}: {text}' for clause, text in self._clauses(schema))
        elif self._version is not None:
            title += f', version {self._version}'
        columns = [
            (c.name, str(c.type), defined_in(schema, c), self._made_with(schema, c), c.comment) for c in schema.visible
        ]
        own_first = [c.id < LEVEL for c in schema.visible]
        count = sum(own_first) if own_first == sorted(own_first, reverse=True) else 0
        indexes = []
        for index in self._own_indexes(schema):
            parameters = index['parameters'] or {'metric': '', 'embedding': ''}
            shown = (index['index_type'], parameters['metric'], parameters['embedding'])
            indexes.append((index['name'], ', '.join(index['columns']), *shown))
        metadata = '' if own.custom_metadata is None else json.dumps(own.custom_metadata, indent=4)
        texts = ((c.name, *media_texts(media_metadata(owner(schema, c), c))) for c in schema.visible)
        media = [row for row in texts if any(row[1:])]
        return Description(title, columns, indexes, own.comment, metadata, count, media)

    def _made_with(self, schema: Schema, column: ColumnRecord) -> str:
        """The expression of a computed column, the iterator that fills one; else nothing."""
        if self._is_from_iterator(schema, column):
            return self._iterator_call(schema) or ''
        return self._computed_with(schema, column) or ''

    def _clauses(self, schema: Schema) -> list[tuple[str, ...]]:
        """What chooses the rows of a view, or makes them."""
        where = self._view_filter(schema)
        if schema.table.view is None or schema.table.view.query is None:
            return [] if where is None else [('Where', where)]
        try:
            return clause_texts(Recipe.of(self._session.engine, schema).shown)
        except Error as error:
            return [('Query', f'cannot be run now: {error.message}')]

    def __repr__(self) -> str:
        return describe_table(self._description())

    def _repr_html_(self) -> str:
        return describe_table_html(self._description())
