"""How a table prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pixeltable.api.default import say
from pixeltable.api.metadata import Metadata, defined_in
from pixeltable.api.render.describe import Description, describe_table, describe_table_html

if TYPE_CHECKING:
    from pixeltable.catalog.records import Schema


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
            title += f" (of '{base}')"
            clause = self._view_filter(schema)
            title += '' if clause is None else f'\nWhere: {clause}'
        elif self._version is not None:
            title += f', version {self._version}'
        columns = [
            (c.name, str(c.type), defined_in(schema, c), self._computed_with(schema, c) or '', c.comment)
            for c in schema.visible
        ]
        indexes = []
        for index in self._own_indexes(schema):
            parameters = index['parameters'] or {'metric': '', 'embedding': ''}
            shown = (index['index_type'], parameters['metric'], parameters['embedding'])
            indexes.append((index['name'], ', '.join(index['columns']), *shown))
        metadata = '' if own.custom_metadata is None else json.dumps(own.custom_metadata, indent=4)
        return Description(title, columns, indexes, own.comment, metadata)

    def __repr__(self) -> str:
        return describe_table(self._description())

    def _repr_html_(self) -> str:
        return describe_table_html(self._description())
