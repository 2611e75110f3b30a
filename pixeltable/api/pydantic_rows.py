"""Result rows as instances of a pydantic model."""

from __future__ import annotations

import sys
import typing
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from pixeltable.errors import ErrorCode, RequestError

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar('Model', bound='BaseModel')


def to_pydantic(rows: Iterator[dict[str, Any]], columns: Sequence[str], model: type[Model]) -> Iterator[Model]:
    """One instance for each row. Columns that the model does not know are left out; arrays become lists for list fields.

    Raises:
        RequestError: at once, INVALID_ARGUMENT if `model` is no pydantic model, or requires a field that is not among
            `columns`; at a row that the model refuses, TYPE_MISMATCH.
    """
    pydantic = sys.modules.get('pydantic')  # whoever has a model has imported it
    given: Any = model
    if pydantic is None or not (isinstance(given, type) and issubclass(given, pydantic.BaseModel)):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'to_pydantic() needs a pydantic model class, not {model!r}.')
    fields = {name: _column_of(name, field, columns) for name, field in model.model_fields.items()}
    missing = [name for name, field in model.model_fields.items() if fields[name] is None and field.is_required()]
    if missing:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{model.__name__} requires {", ".join(map(repr, missing))}, but the columns are {", ".join(columns)}.',
        )
    listed = {fields[name] for name, field in model.model_fields.items() if _is_list(field.annotation)}
    known = columns if model.model_config.get('extra') == 'allow' else [c for c in columns if c in fields.values()]
    return _instances(rows, model, known, listed, pydantic.ValidationError)


def _instances(
    rows: Iterator[dict[str, Any]],
    model: type[Model],
    known: Sequence[str],
    listed: Collection[str | None],
    refused: type[Exception],
) -> Iterator[Model]:
    for position, row in enumerate(rows):
        values = {name: _listed(row[name]) if name in listed else row[name] for name in known}
        try:
            yield model.model_validate(values)
        except refused as error:
            raise RequestError(ErrorCode.TYPE_MISMATCH, f'row {position} is not a {model.__name__}: {error}') from error


def _column_of(name: str, field: Any, columns: Sequence[str]) -> str | None:
    """The column that fills a field: the one that has its alias as a name, else its own."""
    alias = field.validation_alias
    return next((each for each in (alias, name) if isinstance(each, str) and each in columns), None)


def _is_list(annotation: Any) -> bool:
    options = (annotation, *typing.get_args(annotation))  # list[float] | None
    return any(option in (list, tuple) or typing.get_origin(option) in (list, tuple, Sequence) for option in options)


def _listed(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value
