"""Records to the JSON texts that the catalog stores, and back. Each has a tag, a version and its own parser.

A document that a newer release wrote is refused in words; one of an older release goes to the parser of its version.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable
from typing import Any

from pixeltable.catalog.index_specs import EmbeddingSpec
from pixeltable.catalog.jobs import JobSpec, Tally
from pixeltable.catalog.media_specs import MediaSpec
from pixeltable.catalog.records import ColumnRecord, StoredColumn, TableRecord
from pixeltable.catalog.retention import Retention
from pixeltable.catalog.views import ViewSpec
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import column_type

# `json.dumps` with options builds an encoder for each call.
_encode = json.JSONEncoder(separators=(',', ':')).encode


def _text(tag: str, body: dict[str, Any], version: int = 1) -> str:
    return _encode({'tag': tag, 'version': version, **body})


def _parse(text: str, tag: str, parsers: dict[int, Callable[[dict[str, Any]], Any]]) -> Any:
    try:
        document = json.loads(text)
        found, version = document['tag'], document['version']
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(tag, text) from error
    if found != tag or version not in parsers:
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f'The catalog holds a {found!r} document of version {version!r} where this release reads {tag!r} of '
            f'versions {sorted(parsers)}. Use the release that wrote it, or a newer one.',
        )
    try:
        return parsers[version](document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(tag, text) from error


def _unreadable(tag: str, text: str) -> RequestError:
    return RequestError(
        ErrorCode.INVALID_CONFIGURATION,
        f'A {tag} document of the catalog cannot be read: {text[:80]!r}. Restore the catalog from a backup.',
    )


def table_text(record: TableRecord) -> str:
    """What the catalog has no column of its own for."""
    return _text(
        'table',
        {
            'kind': record.kind,
            'primary_key': record.primary_key,
            'comment': record.comment,
            'custom_metadata': record.custom_metadata,
            'media_validation': record.media_validation,
            'next_column_id': record.next_column_id,
            'base': record.base,
            'retention': None if record.retention is None else [record.retention.versions, record.retention.seconds],
            'data': record.data,
        }
        | _given(
            on_error=record.on_error,
            has_default_indexes=record.has_default_indexes or None,
            pin=record.pin or None,
            unversioned=None if record.is_versioned else True,
            view=None if record.view is None else record.view.document(),
        ),
        version=2,
    )


def table_record(table_id: str, path: str, schema_version: int, text: str) -> TableRecord:
    def version_1(document: dict[str, Any]) -> TableRecord:
        return TableRecord(
            id=table_id,
            path=path,
            kind=document['kind'],
            primary_key=tuple(document['primary_key']),
            comment=document['comment'],
            custom_metadata=document['custom_metadata'],
            media_validation=document['media_validation'],
            schema_version=schema_version,
            next_column_id=document['next_column_id'],
            base=None if document['base'] is None else tuple(document['base']),
        )

    def version_2(document: dict[str, Any]) -> TableRecord:
        return dataclasses.replace(
            version_1(document),
            retention=document['retention'] and Retention(*document['retention']),
            data=document['data'],
            on_error=document.get('on_error'),
            has_default_indexes=document.get('has_default_indexes', False),
            is_versioned=not document.get('unversioned', False),
            pin=document.get('pin', False),
            view=ViewSpec.of(document.get('view')),
        )

    record: TableRecord = _parse(text, 'table', {1: version_1, 2: version_2})
    return record


def column_text(record: ColumnRecord) -> str:
    return _text(
        'column',
        {
            'id': record.id,
            'name': record.name,
            'type': column_type.to_document(record.type),
            'value': record.value,
            'fingerprint': record.fingerprint,
            'depends_on': record.depends_on,
            'stored': record.stored,
            'comment': record.comment,
            'custom_metadata': record.custom_metadata,
            'on_error': record.on_error,
            'embedding': None if record.embedding is None else record.embedding.document(),
        }
        | _given(
            accepted=record.accepted or None,
            btree=record.btree,
            media_validation=record.media.validation,
            destination=record.media.destination,
            format=record.media.format,
            quality=record.media.quality,
            pin=record.media.pin,
        ),
    )


def _given(**names: Any) -> dict[str, Any]:
    """Those that have something to say: the rest is absent from a document."""
    return {name: value for name, value in names.items() if value is not None}


def column_record(text: str) -> ColumnRecord:
    record: ColumnRecord = _parse(text, 'column', {1: _column_1})
    return record


def _column_1(document: dict[str, Any]) -> ColumnRecord:
    return ColumnRecord(
        id=document['id'],
        name=document['name'],
        type=column_type.from_document(document['type']),
        value=document['value'],
        fingerprint=document['fingerprint'],
        depends_on=tuple(document['depends_on']),
        stored=document['stored'],
        comment=document['comment'],
        custom_metadata=document['custom_metadata'],
        on_error=document['on_error'],
        embedding=None if document['embedding'] is None else EmbeddingSpec.of(document['embedding']),
        accepted=tuple((before, now) for before, now in document.get('accepted', ())),
        btree=document.get('btree'),
        media=MediaSpec(
            document.get('media_validation'),
            document.get('destination'),
            document.get('format'),
            document.get('quality'),
            document.get('pin'),
        ),
    )


# Both directions are cached: a table's files nearly always hold the same columns.
@functools.lru_cache(maxsize=1024)
def stored_columns_text(columns: tuple[StoredColumn, ...]) -> str:
    body = [[column.column_id, column.name, column.fingerprint] for column in columns]
    return _text('stored_columns', {'columns': body})


@functools.lru_cache(maxsize=1024)
def stored_columns(text: str) -> tuple[StoredColumn, ...]:
    def version_1(document: dict[str, Any]) -> tuple[StoredColumn, ...]:
        return tuple(StoredColumn(column_id, name, fingerprint) for column_id, name, fingerprint in document['columns'])

    columns: tuple[StoredColumn, ...] = _parse(text, 'stored_columns', {1: version_1})
    return columns


def summary_text(summary: dict[str, Any]) -> str:
    return _text('summary', {'summary': summary})


def summary(text: str) -> dict[str, Any]:
    found: dict[str, Any] = _parse(text, 'summary', {1: lambda document: document['summary']})
    return found


def tags_text(tags: tuple[str, ...]) -> str:
    return _text('tags', {'tags': tags})


def tags(text: str) -> tuple[str, ...]:
    found: tuple[str, ...] = _parse(text, 'tags', {1: lambda document: tuple(document['tags'])})
    return found


def job_text(spec: JobSpec) -> str:
    return _text('job', dataclasses.asdict(spec))


def job_spec(text: str) -> JobSpec:
    spec: JobSpec = _parse(text, 'job', {1: lambda document: JobSpec(**_fields(document))})
    return spec


def tally_text(tally: Tally) -> str:
    return _text('tally', dataclasses.asdict(tally))


def tally(text: str) -> Tally:
    found: Tally = _parse(text, 'tally', {1: lambda document: Tally(**_fields(document))})
    return found


def _fields(document: dict[str, Any]) -> dict[str, Any]:
    """The fields of a document; lists are tuples, as they are in records."""

    def frozen(value: Any) -> Any:
        return tuple(map(frozen, value)) if isinstance(value, list) else value

    return {name: frozen(value) for name, value in document.items() if name not in ('tag', 'version')}
