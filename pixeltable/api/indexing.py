"""The verbs of a table for embedding indexes. An index is a computed column that anyone can read, and a way to search it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pixeltable.api.altering import IF_EXISTS
from pixeltable.api.btrees import BTrees
from pixeltable.api.indexes import free_index_name, indexes_of
from pixeltable.api.jobs import Job, begun_nothing
from pixeltable.api.names import check_choice, check_column_name
from pixeltable.api.vector_lengths import vector_length
from pixeltable.catalog.index_specs import EmbeddingSpec
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Node, Parameter
from pixeltable.index.metrics import METRICS
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.udf.function import Function

PRECISIONS = {'fp16': 'float16', 'fp32': 'float32'}


class Indexing(BTrees):
    """add_embedding_index, drop_embedding_index, and what `t.column.similarity` builds."""

    __slots__ = ()

    def add_embedding_index(
        self,
        column: Any,
        *,
        idx_name: str | None = None,
        embedding: Function | None = None,
        string_embed: Function | None = None,
        image_embed: Function | None = None,
        audio_embed: Function | None = None,
        video_embed: Function | None = None,
        document_embed: Function | None = None,
        metric: str = 'cosine',
        precision: str = 'fp16',
        if_exists: str = 'error',
        background: bool = False,
    ) -> Job | None:
        """Embeds every cell of a column, now and whenever one is inserted or changes, so that `similarity` can search them.

        The embeddings are a column that can be read: `text_embedding` for column `text`, or `text_<idx_name>` for a
        further index.

        Args:
            column: a name or `t.column`, of type String, Image, Audio, Video or Document.
            idx_name: the index's name; `idx0`, `idx1`, … by default.
            embedding: a function of one parameter that gives a vector of fixed length, such as
                `sentence_transformer.using(model_id='…')`. If its type leaves the length open, it is called once to see it.
            string_embed, image_embed, audio_embed, video_embed, document_embed: the same, naming what it embeds. Those of
                other types than the column's embed items to search with, as in `similarity(string='a dog')` over images; they
                give vectors of the same length.
            metric: `'cosine'`, `'ip'` (inner product) or `'l2'`.
            precision: `'fp16'` or `'fp32'`: how the vectors are stored.
            if_exists: `'error'`, `'ignore'` or `'replace'`, if there is an index of that name.
            background: adds the index at once, and returns a `Job` that computes the embeddings. A search finds the rows that
                have theirs.

        Raises:
            RequestError: MISSING_REQUIRED without a function, INVALID_ARGUMENT for something else, TYPE_MISMATCH if it does
                not take the type that it is for, INVALID_CONFIGURATION if it gives no vector of known length, or of another
                length than that of the column, INVALID_COLUMN_NAME for a name of an index that no column could have.
            AlreadyExistsError: INDEX_ALREADY_EXISTS.
        """
        self._writable('add_embedding_index')
        check_choice(metric, METRICS, 'metric')
        check_choice(precision, tuple(PRECISIONS), 'precision')
        check_choice(if_exists, IF_EXISTS, 'if_exists')
        if idx_name is not None:
            check_column_name(idx_name, reserved=())  # it may become a part of one
        schema = self._session.catalog.schema(self._table_id)
        indexed = self._embeddable(schema, column)
        by_modality = {
            Kind.STRING: string_embed,
            Kind.IMAGE: image_embed,
            Kind.AUDIO: audio_embed,
            Kind.VIDEO: video_embed,
            Kind.DOCUMENT: document_embed,
        }
        function = _chosen(by_modality[indexed.type.kind] or embedding, by_modality, indexed)
        name = idx_name or free_index_name(index.name for index in indexes_of(schema))
        others = {kind: other for kind, other in by_modality.items() if other not in (None, function)}
        also = self._other_calls(others, function, indexed)
        spec = EmbeddingSpec(name, indexed.id, metric, precision, also)
        same = self._same_index(schema, indexed, function, spec) if idx_name is None else self._named(schema, idx_name)
        if same is not None and same.embedding is not None:
            if if_exists == 'ignore':
                return begun_nothing(self._session, self._table_id) if background else None
            if if_exists == 'error':
                raise self._index_exists(same.embedding.index_name)
            spec = dataclasses.replace(spec, index_name=same.embedding.index_name)
        return self._add_index(schema, indexed, function, spec, same, background)

    def _embeddable(self, schema: Schema, column: Any) -> ColumnRecord:
        """The column to index. Raises TYPE_MISMATCH for one that cannot be."""
        found: ColumnRecord = self._find(schema, column)
        if found.type.kind not in (Kind.STRING, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT):
            raise RequestError(
                ErrorCode.TYPE_MISMATCH,
                f'column {found.name!r} is of type {found.type}: only String, Image, Audio, Video and Document columns '
                'can have an embedding index.',
            )
        return found

    def _index_exists(self, name: str) -> AlreadyExistsError:
        return AlreadyExistsError(
            ErrorCode.INDEX_ALREADY_EXISTS,
            f'table {self._path!r} has this index already, named {name!r}; '
            "pass if_exists='ignore' or 'replace', or another idx_name.",
        )

    def _other_calls(
        self, others: Mapping[Kind, Any], function: Function, indexed: ColumnRecord
    ) -> tuple[dict[str, Any], ...]:
        """The stored calls that embed items of other types than the column's, which are parameters in them."""
        resolver = self._session.engine.resolver
        wanted = self._vector_length(function, indexed.type.kind)
        documents = []
        for kind, other in others.items():
            call = _embedding_call(_checked(other), kind)
            if (length := self._vector_length(other, kind)) != wanted:
                raise RequestError(
                    ErrorCode.INVALID_CONFIGURATION,
                    f'{other.name}() gives vectors of length {length}, and {function.name}() of length {wanted}: '
                    'what is compared has one length.',
                )
            stored = resolver.encode(call)
            resolver.store_functions(stored)
            documents.append(stored.document)
        return tuple(documents)

    def _vector_length(self, function: Function, kind: Kind) -> int:
        embedding = _embedding_call(function, kind)
        return vector_length(function.name, embedding, kind, self._session.engine.context.calls())

    def _add_index(
        self,
        schema: Schema,
        indexed: ColumnRecord,
        function: Function,
        spec: EmbeddingSpec,
        replaced: ColumnRecord | None,
        background: bool,
    ) -> Job | None:
        from pixeltable.api.table import RESERVED

        node = self._column_node(schema, indexed)
        call = function(Expr(node)).__pxt_node__
        length = self._vector_length(function, indexed.type.kind)
        column_name = f'{indexed.name}_embedding'
        if schema.find(column_name) not in (None, replaced):
            column_name = f'{indexed.name}_{spec.index_name}'
        check_column_name(column_name, RESERVED)
        record, _ = self._computed_record(schema, column_name, Expr(call))
        type_ = ColumnType(Kind.ARRAY, True, ArrayShape((length,), PRECISIONS[spec.precision]))
        record = dataclasses.replace(record, type=type_, embedding=spec)
        if background:
            return self._add_pending(schema, record, False, replaced)
        self._add_computed(schema, record, call, self._aborts(None, schema), replaced)
        return None

    def _named(self, schema: Schema, name: str) -> ColumnRecord | None:
        """The embedding column of the index of that name. Raises INDEX_ALREADY_EXISTS if it is a B-tree."""
        index = next((index for index in indexes_of(schema) if index.name == name), None)
        if index is not None and index.is_btree:
            raise AlreadyExistsError(
                ErrorCode.INDEX_ALREADY_EXISTS,
                f'table {self._path!r} has a B-tree index {name!r} already; use another idx_name.',
            )
        return None if index is None else index.record

    def _same_index(
        self, schema: Schema, indexed: ColumnRecord, function: Function, spec: EmbeddingSpec
    ) -> ColumnRecord | None:
        """The embedding column of an index that differs from `spec` by its name at most."""
        call = function(Expr(self._column_node(schema, indexed))).__pxt_node__
        fingerprint = self._session.engine.resolver.fingerprint(schema, call)
        return next(
            (
                column
                for column in schema.columns
                if column.embedding is not None
                and column.fingerprint == fingerprint
                and dataclasses.replace(spec, index_name=column.embedding.index_name) == column.embedding
            ),
            None,
        )

    def drop_embedding_index(
        self, *, column: Any = None, idx_name: str | None = None, if_not_exists: str = 'error'
    ) -> None:
        """Drops an embedding index and its column, named by `column` (the indexed one) or by `idx_name`.

        Raises:
            NotFoundError: INDEX_NOT_FOUND. RequestError: MISSING_REQUIRED without either or for both, INVALID_ARGUMENT for
                a column with several indexes.
        """
        self._drop_index('drop_embedding_index', column, idx_name, if_not_exists, btrees=False)


def _chosen(function: Any, by_modality: Mapping[Kind, Any], indexed: ColumnRecord) -> Function:
    if function is None:
        others = [kind.value for kind, other in by_modality.items() if other is not None]
        if others:
            raise RequestError(
                ErrorCode.TYPE_MISMATCH,
                f'column {indexed.name!r} is of type {indexed.type}; the embedding given is for {", ".join(others)}.',
            )
        raise RequestError(
            ErrorCode.MISSING_REQUIRED,
            'add_embedding_index() needs an embedding function, such as '
            "string_embed=sentence_transformer.using(model_id='sentence-transformers/all-MiniLM-L6-v2').",
        )
    return _checked(function)


def _checked(function: Any) -> Function:
    if not isinstance(function, Function):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'the embedding must be a function declared with @pxt.udf, not {function!r}.'
        )
    return function


def _embedding_call(function: Function, kind: Kind) -> Node:
    call: Node = function(Expr(Parameter(ColumnType(kind), 'item'))).__pxt_node__
    return call
