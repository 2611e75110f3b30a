"""What users give as rows, opened; and the schema of data that a table is created from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.io import frames
from pixeltable.io.arrow_rows import ArrowRows, opened
from pixeltable.io.column_names import column_names, told_apart
from pixeltable.io.databases import DatabaseRows
from pixeltable.io.files import FORMATS, is_file, read_file
from pixeltable.io.huggingface import DatasetRows, is_dataset
from pixeltable.io.rows import StoredRows
from pixeltable.types import infer, spelling
from pixeltable.types.column_type import ColumnType, Kind


@dataclass(frozen=True, slots=True)
class Inferred:
    """The columns of a new table, the rows for it, with the names of the columns, and the columns of its key."""

    schema: dict[str, Any]
    rows: Any
    primary_key: list[str]


def read_source(
    source: Any,
    source_format: str | None = None,
    options: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Any:
    """What a source holds, if it is a file or a dataset of Hugging Face; else `source` itself. `options` are for the reader;
    `overrides` says of which types columns are to be, whatever they look like.

    Raises:
        RequestError: INVALID_ARGUMENT for an unknown format, or for options where nothing is read; and what `read_file` raises.
    """
    options = dict(options or {})
    if source_format is not None and source_format not in FORMATS:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'source_format={source_format!r}: it must be one of {", ".join(map(repr, FORMATS))}.',
        )
    if is_dataset(source):
        split_column = options.pop('column_name_for_split', None)
        _refuse(options, source)
        return DatasetRows(source, split_column)
    if is_file(source):
        texts = {name for name, kind in _kinds(overrides or {}).items() if kind is Kind.STRING}
        return read_file(source, source_format, options, texts)
    _refuse(options, source)
    return frames.as_declared(source, _kinds(overrides or {})) if frames.is_frame(source) else source


def _kinds(overrides: Mapping[str, Any]) -> dict[str, Kind]:
    """What kind columns are to be of; what is no type is refused elsewhere."""
    types = {n: hint if isinstance(hint, ColumnType) else spelling.from_hint(hint) for n, hint in overrides.items()}
    return {name: type_.kind for name, type_ in types.items() if type_ is not None}


def _refuse(options: Mapping[str, Any], source: Any) -> None:
    if options:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{", ".join(options)}: there is no reader to pass this on to, as the source is a {type(source).__name__}.',
        )


def schema_of(
    source: Any, overrides: dict[str, Any], primary_key: str | Sequence[str] | None, reserved: Collection[str] = ()
) -> Inferred:
    """The columns for a source that `read_source` gave, nullable but for the primary key.

    Names that no column can have are changed; `overrides` and `primary_key` may use both. Raises UNSUPPORTED_OPERATION for
    something that has no rows and for an override of no column, INVALID_TYPE for a column whose type cannot be inferred.
    """
    types, rows = _types(source, overrides)
    if not types:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, 'source has no columns: give a schema instead.')
    names = column_names(types, reserved)
    known = {new: old for old, new in names.items()} | {old: old for old in names}
    chosen = {}
    for name, type_ in overrides.items():
        if name not in known:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'schema_overrides: the source has no column {name!r}.{did_you_mean(name, list(types))}',
            )
        chosen[known[name]] = type_
    keys = [primary_key] if isinstance(primary_key, str) else list(primary_key or [])
    for name in keys:
        if name not in known:
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'primary_key: the source has no column {name!r}.{did_you_mean(str(name), list(types))}',
            )
    keys = [known[name] for name in keys]
    schema: dict[str, Any] = {
        names[name]: chosen.get(name) or (None if type_ is None else type_.with_nullable(name not in keys))
        for name, type_ in types.items()
    }
    changed = {old: new for old, new in names.items() if old != new}
    return Inferred(schema, _renamed(rows, changed) if changed else rows, [names[name] for name in keys])


def overrides_of(given: Any) -> dict[str, Any]:
    """What `schema_overrides` says. Raises INVALID_ARGUMENT for what is no dict."""
    if given is not None and not isinstance(given, Mapping):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f"schema_overrides is a dict such as {{'price': pxt.Float}}, not {given!r}."
        )
    return dict(given or {})


def named_as_columns(rows: Any, columns: Collection[str], reserved: Collection[str]) -> Any:
    """What `read_source` gave, under the names of `columns`: those that `schema_of` made for a table out of such data."""
    if frames.is_frame(rows):
        rows = opened(rows)
    if isinstance(rows, ArrowRows):
        names = rows.schema.names
    elif isinstance(rows, DatasetRows):
        names = list(rows.types() or ())
    elif isinstance(rows, list):
        names = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
    else:
        return rows
    made = column_names(map(str, names), reserved).items()
    changed = {old: new for old, new in made if old not in columns and new in columns and new not in names}
    return _renamed(rows, changed) if changed else rows


def _types(source: Any, overrides: Mapping[str, Any]) -> tuple[dict[str, ColumnType | None], Any]:
    """The types of the columns, None where an override says them, and the rows, which may have been read into a list."""
    if isinstance(source, StoredRows):
        return dict(source.types), source
    if frames.is_frame(source):
        source = source.set_axis(told_apart(map(str, source.columns)), axis='columns')
        rest = source.drop(columns=[name for name in overrides if name in source.columns])
        inferred = infer.of_pandas(rest)
        texts = {name for name, type_ in inferred.items() if type_.kind is Kind.STRING}
        return {name: inferred.get(name) for name in source.columns}, frames.to_rows(frames.with_texts(source, texts))
    if isinstance(source, (DatasetRows, DatabaseRows)):
        features = source.types()
        if features is not None:
            known = {name: type_ for name, type_ in features.items() if name not in overrides}
            return dict.fromkeys(features) | dict(infer.checked(known)), source
    source = opened(source)
    if isinstance(source, ArrowRows):
        source = source.renamed(told_apart(source.schema.names))
        known_fields = [field for field in source.schema if field.name not in overrides]
        return dict.fromkeys(source.schema.names) | dict(infer.of_arrow(known_fields)), source
    if isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        rows = [
            row if isinstance(row, Mapping) or not hasattr(row, 'model_dump') else row.model_dump() for row in source
        ]
        if not rows or not all(isinstance(row, Mapping) for row in rows):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, 'a table is created from a non-empty list of dicts or pydantic models.'
            )
        names = dict.fromkeys(name for row in rows for name in row)
        inferred = infer.of_rows([{key: v for key, v in row.items() if key not in overrides} for row in rows])
        return {name: inferred.get(name) for name in names}, rows
    raise RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'cannot create a table from {source!r:.80}: pass a list of dicts, a file, a frame, Arrow data or a query.',
    )


def _renamed(rows: Any, names: Mapping[str, str]) -> Any:
    """The same rows under the names of columns."""
    if isinstance(rows, StoredRows):
        data = rows.data.rename_columns([names.get(name, name) for name in rows.data.column_names])
        return StoredRows(data, {names.get(name, name): type_ for name, type_ in rows.types.items()})
    if isinstance(rows, ArrowRows):
        return rows.renamed([names.get(name, name) for name in rows.schema.names])
    if hasattr(rows, 'column_names'):  # an Arrow table that was a frame
        return rows.rename_columns([names.get(name, name) for name in rows.column_names])
    return ({names.get(name, name): value for name, value in row.items()} for row in rows)
