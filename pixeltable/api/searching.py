"""What `t.column.similarity(...)` builds: it finds the index, and embeds the item to compare with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from pixeltable.api.handle import Handle
from pixeltable.api.indexes import Index, indexes_of
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.exec.calls.call import call_once
from pixeltable.exec.cell_failures import cell_failure
from pixeltable.exec.vectors import CellError
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef, Node, Parameter, Similarity
from pixeltable.media.references import of_text
from pixeltable.types.column_type import FLOAT, Kind

_MODALITIES = {
    'string': Kind.STRING,
    'image': Kind.IMAGE,
    'audio': Kind.AUDIO,
    'video': Kind.VIDEO,
    'document': Kind.DOCUMENT,
}


class Searching(Handle):
    """Finds embedding indexes and builds similarities."""

    __slots__ = ()

    def _index(self, schema: Schema, column_id: int | None, idx_name: str | None, *, btrees: bool = False) -> Index:
        """The index that is meant, by the column that it is on or by its name; `btrees` says that it may be a B-tree."""
        if not isinstance(idx_name, str | None):
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'the name of an index is a string, not {idx_name!r:.80}.')
        all_ = [index for index in indexes_of(schema) if btrees or not index.is_btree]
        below = [index for index in indexes_of(schema, inherited=True) if not index.is_btree]
        meant = (
            [each for each in indexes if column_id in (None, each.column_id) and idx_name in (None, each.name)]
            for indexes in (all_, below)
        )
        candidates = next(filter(None, meant), [])
        if not candidates:
            names = [index.name for index in all_]
            column = None if column_id is None else schema.by_id(column_id)
            where = '' if column is None else f' on column {column.name!r}'
            what = f'no index {idx_name!r}{where}.{did_you_mean(idx_name, names)}' if idx_name else f'no index{where}.'
            raise NotFoundError(
                ErrorCode.INDEX_NOT_FOUND,
                f'table {self._path!r} has {what} Indexes: {", ".join(names) or "none"}; '
                'add one with t.add_embedding_index(…).',
            )
        if len(candidates) > 1:
            names = [index.name for index in candidates]
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'there are several indexes: {", ".join(names)}; say which one by its name.',
            )
        return candidates[0]

    def _embedding(self, column: ColumnRef, idx: str | None) -> ColumnRef:
        """The column that holds the embeddings of `column`."""
        schema = self._schema()
        return self._column_node(schema, self._index(schema, column.column_id, idx).record)

    def _similarity(self, column: ColumnRef, item: Any, given: Mapping[str, Any], vector: Any, idx: str | None) -> Expr:
        schema = self._schema()
        record = self._index(schema, column.column_id, idx).record
        assert record.embedding is not None
        items = [value for value in (item, vector, *given.values()) if value is not None]
        if len(items) != 1:
            code = ErrorCode.MISSING_REQUIRED if not items else ErrorCode.UNSUPPORTED_OPERATION
            raise RequestError(
                code, f'{column.name}.similarity() takes exactly one item to compare with, not {len(items)}.'
            )
        literal: Any
        if isinstance(getattr(items[0], '__pxt_node__', None), Parameter):
            literal = self._later(schema, record, items[0].__pxt_node__, vector is not None)
        else:
            query = (
                self._vector(record, vector) if vector is not None else self._embedded(schema, record, items[0], given)
            )
            literal = build.literal(query)
        embedding = self._column_node(schema, record)
        metric = record.embedding.metric
        return Expr(Similarity(FLOAT.with_nullable(True), embedding, literal, metric, column.name))

    def _later(self, schema: Schema, record: ColumnRecord, item: Parameter, is_vector: bool) -> Node:
        """What a parameter of a query will be compared with: itself, or the call that embeds it."""
        if is_vector:
            return item
        call, slot = self._call_for(schema, record, item.type.kind, item.name)
        later: Node = dataclasses.replace(call, args=tuple(item if arg == slot else arg for arg in call.args))
        return later

    @staticmethod
    def _vector(record: ColumnRecord, vector: Any) -> np.ndarray[Any, Any]:
        try:
            query = np.asarray(vector, np.float32)
        except (TypeError, ValueError) as error:
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'vector={vector!r:.80} is no list of numbers.') from error
        if query.shape != record.type.array.shape:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'the vector has shape {query.shape}; the index embeds into {record.type.array.shape}.',
            )
        return query

    def _embedded(
        self, schema: Schema, record: ColumnRecord, item: Any, given: Mapping[str, Any]
    ) -> np.ndarray[Any, Any]:
        """The embedding of an item by the function of the index."""
        item, kind = self._item(item, next(iter(given), None))
        call, slot = self._call_for(schema, record, kind, f'{item!r:.80}')
        arguments = {name: item if arg == slot else arg.value for name, arg in zip(call.names, call.args, strict=True)}
        try:
            return np.asarray(call_once(call.function, arguments, self._session.engine.context.calls()), np.float32)
        except Exception as error:
            what = f'the embedding of {item!r:.80} by {call.function.name}()'
            raise cell_failure(CellError.of(error), what) from error

    def _call_for(self, schema: Schema, record: ColumnRecord, kind: Kind, item: str) -> tuple[Any, Node]:
        """The call of an index that embeds items of `kind`, and which of its arguments is the item: that of the column, one
        that was given for `kind`, or another signature of the column's function, such as CLIP's for texts beside images."""
        resolver = self._session.engine.resolver
        call: Any = resolver.unbound(schema, record)
        column = next(arg for arg in call.args if isinstance(arg, ColumnRef))
        if column.type.kind is kind:
            return call, column
        assert record.embedding is not None
        for document in record.embedding.also:
            other: Any = resolver.decode(schema, document)
            slot = next(arg for arg in other.args if isinstance(arg, Parameter))
            if slot.type.kind is kind:
                return other, slot
        for overload in call.function.origin.overloads:
            first = overload.full_signature.parameters[0]
            if first.type is not None and first.type.kind is kind:
                names = tuple(
                    first.name if arg == column else name for name, arg in zip(call.names, call.args, strict=True)
                )
                function = dataclasses.replace(overload, bound=call.function.bound)
                return dataclasses.replace(call, function=function, names=names), column
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'similarity({item}): the index {record.name!r} embeds {column.type.kind}, not {kind}; '
            f'give add_embedding_index() a function for {kind}, such as {kind.value.lower()}_embed=….',
        )

    def _item(self, item: Any, modality: str | None) -> tuple[Any, Kind]:
        """What the function gets for an item, and its kind: of media given by a path or URL the image, or the local file."""
        kind = None if modality is None else _MODALITIES[modality]
        if kind not in (None, Kind.STRING) and isinstance(item, (str, PurePath)):
            try:
                reference = of_text(str(item))
            except ValueError as error:
                raise RequestError(
                    ErrorCode.INVALID_ARGUMENT, f'similarity({modality}={item!r:.80}): {error}.'
                ) from error
            return self._session.engine.context.services.library.opened(reference, kind), kind
        found = build.literal(item).type.kind
        if kind not in (None, found):
            raise RequestError(ErrorCode.TYPE_MISMATCH, f'similarity({modality}={item!r:.80}): a {found} is no {kind}.')
        return item, found
