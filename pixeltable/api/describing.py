"""What a table says about itself."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.api.default import say
from pixeltable.api.handle import Handle
from pixeltable.api.render.describe import describe_table, describe_table_html
from pixeltable.errors import Error
from pixeltable.exprs.display import display

if TYPE_CHECKING:
    from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord


class ColumnMetadata(TypedDict):
    """One column in `TableMetadata`."""

    name: str
    type_: str
    is_stored: bool
    is_primary_key: bool
    is_computed: bool
    computed_with: str | None
    depends_on: list[str]
    comment: str
    custom_metadata: Any


class IndexMetadata(TypedDict):
    """One index in `TableMetadata`."""

    name: str
    columns: list[str]
    index_type: str
    parameters: dict[str, Any]


class TableMetadata(TypedDict):
    """What `Table.get_metadata` returns."""

    id: str
    name: str
    path: str
    kind: str
    columns: dict[str, ColumnMetadata]
    indexes: dict[str, IndexMetadata]
    version: int
    version_created: datetime.datetime
    schema_version: int
    comment: str
    custom_metadata: Any
    media_validation: str
    primary_key: list[str]
    is_snapshot: bool
    base: str | None


class Describing(Handle):
    """get_metadata, describe, and how a table prints."""

    __slots__ = ()

    def get_metadata(self) -> TableMetadata:
        """The table's columns, indexes, version and comments as plain data."""
        schema: Schema = self._schema()
        catalog = self._session.catalog
        version = (
            catalog.versions(self._table_id, 1)[0]
            if self._version is None
            else catalog.version(self._table_id, self._version)
        )
        table, own = schema.table, self._own_record(schema.table)
        created = datetime.datetime.fromtimestamp(version.created_at / 1e6, self._session.settings.time_zone)
        return {
            'id': table.id,
            'name': own.path.rpartition('/')[2],
            'path': own.path,
            'kind': own.kind,
            'columns': {column.name: self._column_metadata(schema, column) for column in schema.columns},
            'indexes': {
                column.embedding.index_name: self._index_metadata(schema, column)
                for column in schema.columns
                if column.embedding is not None
            },
            'version': version.version,
            'version_created': created,
            'schema_version': table.schema_version,
            'comment': own.comment,
            'custom_metadata': own.custom_metadata,
            'media_validation': table.media_validation,
            'primary_key': [column.name for column in schema.columns if column.id in table.primary_key],
            'is_snapshot': own.base is not None,
            'base': self._base(table, own),
        }

    def _kind_and_base(self) -> tuple[str, str | None]:
        """`'table'`, `'view'` or `'snapshot'`, and the path of its base; that of a snapshot has the version, as in `'t:3'`."""
        table = self._schema().table
        own = self._own_record(table)
        return own.kind, self._base(table, own)

    def _base(self, table: TableRecord, own: TableRecord) -> str | None:
        return None if own.base is None else f'{self._newest_path(table)}:{self._version}'

    def _newest_path(self, table: TableRecord) -> str:
        """Where the table of a past version lies now."""
        path: str = table.path if self._version is None else self._session.catalog.schema(table.id).table.path
        return path

    def _own_record(self, table: TableRecord) -> TableRecord:
        """What the path of this handle stands for: a snapshot that has a path, or the table itself."""
        own = None if self._version is None else self._session.catalog.table_id(self._path)
        found = table if own is None else self._session.catalog.schema(own).table
        return found if found.base == (self._table_id, self._version) else table

    def _column_metadata(self, schema: Schema, column: ColumnRecord) -> ColumnMetadata:
        inputs = (schema.by_id(column_id) for column_id in column.depends_on)
        return {
            'name': column.name,
            'type_': str(column.type),
            'is_stored': column.stored,
            'is_primary_key': column.id in schema.table.primary_key,
            'is_computed': column.is_computed,
            'computed_with': self._computed_with(schema, column),
            'depends_on': [found.name for found in inputs if found is not None],
            'comment': column.comment,
            'custom_metadata': column.custom_metadata,
        }

    def _index_metadata(self, schema: Schema, column: ColumnRecord) -> IndexMetadata:
        spec = column.embedding
        assert spec is not None
        indexed = schema.by_id(spec.column_id)
        parameters = {
            'metric': spec.metric,
            'precision': spec.precision,
            'embedding': self._computed_with(schema, column),
        }
        return {
            'name': spec.index_name,
            'columns': [indexed.name] if indexed else [],
            'index_type': 'embedding',
            'parameters': parameters,
        }

    def _computed_with(self, schema: Schema, column: ColumnRecord) -> str | None:
        """The expression as text. A table opens even if a function cannot be found; then the text says so."""
        if not column.is_computed:
            return None
        try:
            return display(self._session.engine.resolver.unbound(schema, column))
        except Error as error:
            return f'cannot be computed now: {error.message}'

    def describe(self) -> None:
        """Prints the columns, indexes and comment of the table."""
        say(repr(self), always=True)

    def _description(self) -> tuple[str, list[tuple[str, ...]], list[tuple[str, ...]], str]:
        """The title, the lines of columns and of indexes, and the comment, as `describe_table` takes them."""
        schema: Schema = self._schema()
        kind, base = self._kind_and_base()
        title = f"{kind} '{self._path}'"
        if base is not None:
            title += f" (of '{base}')"
        elif self._version is not None:
            title += f', version {self._version}'
        columns: list[tuple[str, ...]] = [
            (column.name, str(column.type), self._computed_with(schema, column) or '', column.comment)
            for column in schema.columns
        ]
        indexes: list[tuple[str, ...]] = [
            (spec.index_name, indexed.name, spec.metric, column.name)
            for column in schema.columns
            if (spec := column.embedding) is not None and (indexed := schema.by_id(spec.column_id)) is not None
        ]
        return title, columns, indexes, schema.table.comment

    def __repr__(self) -> str:
        return describe_table(*self._description())

    def _repr_html_(self) -> str:
        return describe_table_html(*self._description())
