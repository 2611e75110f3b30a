"""The built-in functions: one module for a field or a provider. Importing this package makes their methods known.

Modules of providers are imported when they are first named, and load the provider's package when a function first runs.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

import pixeltable.udf.applying  # declares `expr.apply`
from pixeltable.functions import array, audio, date, document, image, json, math, string, timestamp, uuid, video, vision
from pixeltable.functions.globals import (
    case,
    cast,
    coalesce,
    count,
    dense_rank,
    filter,  # noqa: A004  these are the same for columns
    lag,
    lead,
    map,  # noqa: A004
    max,  # noqa: A004
    mean,
    min,  # noqa: A004
    rank,
    row_number,
    sort,
    sum,  # noqa: A004
)

__all__ = [
    'array',
    'audio',
    'case',
    'cast',
    'coalesce',
    'count',
    'date',
    'dense_rank',
    'document',
    'filter',
    'image',
    'json',
    'lag',
    'lead',
    'map',
    'math',
    'max',
    'mean',
    'min',
    'pixeltable',
    'rank',
    'row_number',
    'sort',
    'string',
    'sum',
    'timestamp',
    'uuid',
    'video',
    'vision',
]


def __getattr__(name: str) -> ModuleType:
    full_name = f'{__name__}.{name}'
    if name.startswith('_') or importlib.util.find_spec(full_name) is None:
        raise AttributeError(f'pixeltable.functions has no {name!r}')
    return importlib.import_module(full_name)
