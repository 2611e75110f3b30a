"""Turns stored expression documents into bound trees, and back: the place where the catalog, functions and expressions meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, cast

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.records import ROW_ID, ColumnRecord, Schema
from pixeltable.errors import Error, ErrorCode, RequestError, error_class
from pixeltable.exec.codes import Codes
from pixeltable.exec.scan_columns import ERRORS, is_unseen
from pixeltable.exprs import codec
from pixeltable.exprs.bind import ROW_ID_FIELD, bind, column_of, field_name, reads_windows, window_field
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Call, CellProperty, ColumnRef, Field, FunctionLike, Node, Operation
from pixeltable.exprs.visit import column_refs, has_window, walk
from pixeltable.exprs.zones import fixed, localized
from pixeltable.types.column_type import INT
from pixeltable.udf import storing
from pixeltable.udf.aggregator import Start
from pixeltable.udf.fingerprint import digest as digest_of
from pixeltable.udf.fingerprint import expression_fingerprint
from pixeltable.udf.function import Function
from pixeltable.udf.references import is_user_module
from pixeltable.udf.storing_aggregates import decode_start, encode_start


@dataclass(frozen=True, slots=True)
class ComputedColumn:
    """A computed column with the bound expression that computes it, and the fingerprint of the code as it is now.

    That of the record is of the code as it was when the column was declared.
    """

    record: ColumnRecord
    node: Node
    fingerprint: str

    @property
    def field(self) -> str:
        return field_name(self.record.id)

    @property
    def current_record(self) -> ColumnRecord:
        """The record with the fingerprint of the code that computes it now, which is what a new file is marked with."""
        return replace(self.record, fingerprint=self.fingerprint)


@dataclass(frozen=True, slots=True)
class StoredExpression:
    """An expression as the catalog keeps it, and the functions that must be stored with it."""

    document: dict[str, Any]
    fingerprint: str
    depends_on: tuple[int, ...]
    functions: dict[str, bytes]


class Resolver:
    """Decodes and binds the expressions of tables. Trees are cached by table, schema version and column."""

    def __init__(self, catalog: Catalog, by_value_functions: bool, zone: tzinfo, codes: Codes) -> None:
        self._catalog = catalog
        self._codes = codes
        self._zone = zone
        self._by_value = by_value_functions
        self._trees: dict[tuple[str, int, int], Node] = {}
        self._computed: dict[tuple[str, int, int], ComputedColumn] = {}
        self._opened: set[tuple[str, int]] = set()

    def encode(self, node: Node, schema: Schema | None = None) -> StoredExpression:
        """The stored form of an unbound tree. It depends on columns by their ids in `schema`."""
        blobs: dict[str, bytes] = {}

        def function(callee: FunctionLike) -> dict[str, Any]:
            if isinstance(callee, Start):
                return encode_start(callee, blobs, allow_by_value=self._by_value)
            return storing.encode(cast(Function, callee), blobs, allow_by_value=self._by_value)

        document = codec.encode(node, function)
        depends_on = tuple(sorted({_local(schema, ref) for ref in column_refs(node)}))
        return StoredExpression(document, expression_fingerprint(node), depends_on, blobs)

    def for_others(self, node: Node) -> Node:
        """An unbound tree that gives the same in every session, as what is stored must: times count in the zone of this one."""
        return fixed(node, self._zone)

    def store_functions(self, expression: StoredExpression) -> None:
        """Makes the functions of `expression` durable. They are named by their content, so doing it twice is harmless."""
        for digest, blob in expression.functions.items():
            self._catalog.put_function(digest, digest, blob)

    def store_function(self, digest: str, blob: bytes) -> None:
        """Makes one stored function durable."""
        self._catalog.put_function(digest, digest, blob)

    def unbound(self, schema: Schema, column: ColumnRecord) -> Node:
        """The expression of a computed column over the columns as they are called now.

        Raises FUNCTION_NOT_FOUND if a function that it calls cannot be found.
        """
        key = (schema.table.id, schema.version, column.id)
        tree = self._trees.get(key)
        if tree is None or not all(map(storing.is_current, functions_in(tree))):
            assert column.value is not None
            tree = self._trees[key] = self.decode(schema, column.value)
        return tree

    def opens(self, schema: Schema) -> bool:
        """Whether a table in this state of its columns is looked at for the first time."""
        count = len(self._opened)
        self._opened.add((schema.table.id, schema.version))
        return len(self._opened) > count

    def decode(self, schema: Schema, document: dict[str, Any]) -> Node:
        """The unbound tree of a stored expression. Raises like `unbound`."""
        return codec.decode(document, lambda ref: self._current(schema, ref), self.function)

    def function(self, document: dict[str, Any]) -> Any:
        """The function, or the declared aggregate, that a stored expression calls."""
        if 'aggregator' in document:
            return decode_start(document, self._catalog.get_function, allow_by_value=self._by_value)
        return storing.decode(document, self._catalog.get_function, allow_by_value=self._by_value)

    def computed(self, schema: Schema, column: ColumnRecord) -> ComputedColumn:
        """A computed column, ready to be evaluated.

        Raises FUNCTION_NOT_FOUND, or what else is wrong with its expression, naming the column.
        """
        key = (schema.table.id, schema.version, column.id)
        found = self._computed.get(key)
        if found is None or not all(map(storing.is_current, functions_in(found.node))):
            try:
                tree = self.unbound(schema, column)
                found = ComputedColumn(column, self.bind(schema, tree), self.fingerprint(schema, tree))
                check_no_windows(found.node)
            except Error as error:
                what = f'column {column.name!r} of {schema.table.path!r} cannot be computed: {error.message}'
                raise error_class(error.error_code)(error.error_code, what) from error
            self.note(found)
            self._computed[key] = found
        return found

    def note(self, column: ComputedColumn) -> None:
        """Remembers what the code of a column is made of, if that may ever change."""
        functions = functions_in(column.node)
        if any(each.known_fingerprint is None and is_user_module(each.module) for each in functions):
            self._codes.note(column.fingerprint, column.node)

    def fingerprint(self, schema: Schema, node: Node) -> str:
        """Of the code that computes an unbound expression: with that of the columns it reads and that are not stored."""
        ids = {_local(schema, ref) for ref in column_refs(node)}
        read = {column_id: schema.by_id(column_id) for column_id in ids}
        inner = [
            self.fingerprint(schema, self.unbound(schema, column))
            for _, column in sorted(read.items())
            if column is not None and not column.stored
        ]
        own = expression_fingerprint(node)
        return digest_of(' '.join([own, *inner])) if inner else own

    def bind(self, schema: Schema, node: Node) -> Node:
        """`node` over the fields of the table. A column that is not stored is replaced by its expression."""

        def resolve(ref: ColumnRef) -> Node | None:
            column_id = schema.local(ref.table_id, ref.column_id)
            if column_id is None:
                return None
            if column_id == ROW_ID:
                return Field(INT, ROW_ID_FIELD, 'id')
            column = schema.by_id(column_id)
            if column is None:
                return None
            if not column.stored:
                tree = self.unbound(schema, column)
                if has_window(tree):
                    return Field(column.type.with_nullable(True), window_field(column.id), column.name)
                return self.bind(schema, tree)
            type_ = column.type.with_nullable(column.type.nullable or column.is_computed)
            return Field(type_, field_name(column.id), column.name)

        _check_properties(schema, node)
        return bind(node, resolve, lambda found: self.in_zone(found) or _unseen_error(schema, found), schema.table.path)

    def in_zone(self, node: Node) -> Node | None:
        """A constant time without a zone is in the session's, as it is for inserted values."""
        return localized(node, self._zone)

    @staticmethod
    def _current(schema: Schema, ref: ColumnRef) -> Node:
        column = schema.by_id(_local(schema, ref))
        name = ref.name if column is None else column.name
        path = schema.table.path if ref.table_id == schema.table.id else ref.table_path
        return ColumnRef(ref.type, ref.table_id, ref.column_id, name, path)


def _unseen_error(schema: Schema, node: Node) -> Node | None:
    """What finds out the error of a medium when it is read, unless it is known since it was written, as of one to be pinned."""
    field, _, part = node.name.partition('_') if isinstance(node, Field) else ('', '', '')
    record = schema.by_id(column_of(field) or 0) if part in ERRORS else None
    if record is None or not is_unseen(schema, record.id):
        return None
    found = CellProperty(node.type, Field(record.type, field, record.name), part)
    return Operation(node.type, 'coalesce', (node, found))


def _local(schema: Schema | None, ref: ColumnRef) -> int:
    """The id of a column in the schema; -1, which no column has, for one of another table."""
    if schema is None:
        return ref.column_id
    column_id = schema.local(ref.table_id, ref.column_id)
    return -1 if column_id is None else column_id


def functions_in(node: Node) -> Iterator[Function]:
    """The functions that an expression calls."""
    return (cast(Function, found.function) for found in walk(node) if isinstance(found, Call))


def check_no_windows(node: Node) -> None:
    """Raises UNSUPPORTED_OPERATION for an expression that cannot be computed for some rows by themselves."""
    if has_window(node) or reads_windows(node):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'{display(node)} depends on other rows, so that a change of one row would change many cells: it is computed each '
            'time it is read, and cannot be stored, indexed or used for new values of rows.',
        )


def _check_properties(schema: Schema, node: Node) -> None:
    """Raises UNSUPPORTED_OPERATION for the `errortype` of a column that keeps no errors."""
    for found in walk(node):
        if (
            isinstance(found, CellProperty)
            and found.property in ('errortype', 'errormsg')
            and isinstance(found.column, ColumnRef)
        ):
            column = schema.by_id(_local(schema, found.column))
            if column is not None and not ((column.is_computed or column.type.is_media) and column.stored):
                raise RequestError(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    f'{display(found)}: only stored computed columns and media have errors, and {column.name!r} is neither.',
                )
