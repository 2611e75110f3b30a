"""What a table says about itself as plain data: `Table.get_metadata`."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable.api.handle import Handle
from pixeltable.api.mediaspecs import MediaMetadata, media_metadata
from pixeltable.api.origins import defined_in, is_reference, owner
from pixeltable.catalog.views import LEVEL
from pixeltable.errors import Error
from pixeltable.exec.resolve import functions_in
from pixeltable.exprs.display import display

if TYPE_CHECKING:
    from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord


class ColumnMetadata(MediaMetadata):
    """One column in `TableMetadata`. `is_stored` is false for what is computed, or decoded from its media, when it is read.

    `depends_on` has (table name, column name) for each column that a computed column reads; `is_builtin` says that it calls only
    functions of Pixeltable. Both are None for other columns.
    """

    name: str
    type_: str
    version_added: int
    is_stored: bool
    is_primary_key: bool
    is_computed: bool
    computed_with: str | None
    is_builtin: bool | None
    depends_on: list[tuple[str, str]] | None
    defined_in: str | None
    comment: str | None
    custom_metadata: Any
    is_iterator_col: bool


class IndexMetadata(TypedDict):
    """One index in `TableMetadata`. `parameters` are None for a B-tree."""

    name: str
    columns: list[str]
    index_type: str
    parameters: dict[str, Any] | None


class TableMetadata(TypedDict):
    """What `Table.get_metadata` returns. `schema_version` is the last version that changed the schema."""

    id: uuid.UUID
    name: str
    path: str
    kind: str
    columns: dict[str, ColumnMetadata]
    indexes: dict[str, IndexMetadata]
    is_data_versioned: bool
    has_default_idxs: bool
    is_view: bool
    is_snapshot: bool
    version: int
    version_created: datetime.datetime
    schema_version: int
    comment: str | None
    custom_metadata: Any
    media_validation: str
    primary_key: list[str] | None
    base: str | None
    view_filter: str | None
    view_sample: str | None
    iterator_call: str | None


class Metadata(Handle):
    """get_metadata."""

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
        added, schema_version = catalog.schema_versions(table.id, table.schema_version)
        created = datetime.datetime.fromtimestamp(version.created_at / 1e6, self._session.settings.time_zone)
        is_snapshot = self._version is not None
        path = f'{own.path}:{self._version}' if is_snapshot and own.kind != 'snapshot' else own.path
        return {
            'id': uuid.UUID(own.id),
            'name': path.rpartition('/')[2],
            'path': path,
            'kind': 'snapshot' if is_snapshot else own.kind,
            'columns': {c.name: self._column_metadata(schema, c, added.get(c.id, 0)) for c in schema.visible},
            'indexes': {index['name']: index for index in self._own_indexes(schema)},
            'is_data_versioned': table.is_versioned,
            'has_default_idxs': table.has_default_indexes,
            'is_view': is_snapshot or own.kind != 'table',
            'is_snapshot': is_snapshot or own.kind == 'snapshot',
            'version': version.version,
            'version_created': created,
            'schema_version': schema_version,
            'comment': own.comment or None,
            'custom_metadata': own.custom_metadata,
            'media_validation': table.media_validation,
            'primary_key': [column.name for column in schema.key] or None,
            'base': self._base(table, own),
            'view_filter': self._view_filter(schema),
            'view_sample': None if table.view is None else table.view.sample_text,
            'iterator_call': self._iterator_call(schema),
        }

    def _kind_and_base(self) -> tuple[str, str | None]:
        """`'table'`, `'view'` or `'snapshot'`, and the path of its base; that of a snapshot has the version, as in `'t:3'`."""
        table = self._schema().table
        own = self._own_record(table)
        return own.kind, self._base(table, own)

    def _base(self, table: TableRecord, own: TableRecord) -> str | None:
        if own.view is not None:
            base: str = self._session.catalog.schema(own.view.base).table.path
            return base if own.view.version is None else f'{base}:{own.view.version}'
        return None if own.base is None else f'{self._newest_path(table)}:{self._version}'

    def _view_filter(self, schema: Schema) -> str | None:
        view = schema.table.view
        return None if view is None or view.predicate is None else self._displayed(schema, view.predicate)

    def _iterator_call(self, schema: Schema) -> str | None:
        view = schema.table.view
        return None if view is None or view.iterator is None else self._displayed(schema, view.iterator['call'])

    def _displayed(self, schema: Schema, document: Any) -> str:
        try:
            return display(self._session.engine.resolver.decode(schema, document))
        except Error as error:
            return f'cannot be computed now: {error.message}'

    def _newest_path(self, table: TableRecord) -> str:
        """Where the table of a past version lies now."""
        path: str = table.path if self._version is None else self._session.catalog.schema(table.id).table.path
        return path

    def _own_record(self, table: TableRecord) -> TableRecord:
        """What the path of this handle stands for: a snapshot that has a path, or the table itself."""
        own = None if self._version is None else self._session.catalog.table_id(self._path)
        found = table if own is None else self._session.catalog.schema(own).table
        return found if found.base == (self._table_id, self._version) else table

    def _column_metadata(self, schema: Schema, column: ColumnRecord, version_added: int) -> ColumnMetadata:
        inputs = [found for column_id in column.depends_on if (found := schema.by_id(column_id)) is not None]
        return {
            'name': column.name,
            'type_': str(column.type),
            'version_added': version_added,
            'is_stored': column.stored and not is_reference(self._session.engine, schema, column),
            'is_primary_key': column.id in schema.table.primary_key,
            'is_computed': column.is_computed,
            'computed_with': self._computed_with(schema, column),
            'is_builtin': self._is_builtin(schema, column),
            'depends_on': [(defined_in(schema, found), found.name) for found in inputs] if column.is_computed else None,
            'defined_in': defined_in(schema, column),
            'comment': column.comment or None,
            'custom_metadata': column.custom_metadata,
            'is_iterator_col': self._is_from_iterator(schema, column),
            **media_metadata(owner(schema, column), column),
        }

    @staticmethod
    def _is_from_iterator(schema: Schema, column: ColumnRecord) -> bool:
        view = schema.table.view
        return view is not None and view.iterator is not None and column.id in view.outputs

    def _is_builtin(self, schema: Schema, column: ColumnRecord) -> bool | None:
        if not column.is_computed:
            return None
        try:
            functions = functions_in(self._session.engine.resolver.unbound(schema, column))
            return all(function.module.startswith('pixeltable.functions.') for function in functions)
        except Error:
            return False  # a function that is gone was the user's

    def _own_indexes(self, schema: Schema) -> list[IndexMetadata]:
        """The indexes of the table itself, and not of one that it is a view of."""
        own = (column for column in schema.visible if column.id < LEVEL)
        return [index for column in own for index in self._index_metadata(schema, column)]

    def _index_metadata(self, schema: Schema, column: ColumnRecord) -> list[IndexMetadata]:
        """The indexes on a column or, for one of embeddings, that which it makes up."""
        found: list[IndexMetadata] = []
        if column.btree is not None:
            found.append({'name': column.btree, 'columns': [column.name], 'index_type': 'btree', 'parameters': None})
        spec = column.embedding
        if spec is not None:
            indexed = schema.by_id(spec.column_id)
            call = self._computed_with(schema, column)
            parameters = {
                'metric': spec.metric,
                'precision': spec.precision,
                'embedding': call,
                'embedding_functions': [call],
            }
            columns = [indexed.name] if indexed else []
            found.append(
                {'name': spec.index_name, 'columns': columns, 'index_type': 'embedding', 'parameters': parameters}
            )
        return found

    def _computed_with(self, schema: Schema, column: ColumnRecord) -> str | None:
        """The expression as text. A table opens even if a function cannot be found; then the text says so."""
        if not column.is_computed:
            return None
        try:
            return display(self._session.engine.resolver.unbound(schema, column))
        except Error as error:
            return f'cannot be computed now: {error.message}'
