"""Datasets of Hugging Face's `datasets` as rows; the package is not imported here, but looked at where its objects come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.types.foreign import of_arrow_type

_MEDIA = {'Image': Kind.IMAGE, 'Audio': Kind.AUDIO, 'Video': Kind.VIDEO}
_LISTS = ('Sequence', 'List', 'LargeList')


def is_dataset(source: Any) -> bool:
    """Whether it is a (dict of) datasets."""
    return type(source).__module__.partition('.')[0] == 'datasets' and hasattr(source, 'map')


class DatasetRows:
    """The rows of a dataset, or of all splits of one, as dicts.

    Labels are their names; pictures, sounds and videos are bytes as they are stored, or paths. `split_column` is the name of a
    column that gets the name of the split.
    """

    def __init__(self, dataset: Any, split_column: str | None = None) -> None:
        splits = dict(dataset) if isinstance(dataset, Mapping) else {_split(dataset): dataset}
        self._splits = {str(name): _undecoded(split) for name, split in splits.items()}
        self._split_column = split_column
        self._features: dict[str, Any] = {}
        for split in self._splits.values():
            self._features |= dict(split.features or {})
        if split_column is not None and split_column in self._features:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'column_name_for_split={split_column!r}: the dataset has a column of that name; use another.',
            )

    def types(self) -> dict[str, ColumnType | None] | None:
        """The types of the columns; None if the dataset does not know its features, None for one without a counterpart."""
        if not self._features:
            return None
        found = {name: _type_of(feature) for name, feature in self._features.items()}
        return found if self._split_column is None else found | {self._split_column: ct.STRING}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        readers = {name: _reader(feature) for name, feature in self._features.items()}
        plain = [name for name, reader in readers.items() if reader is None]
        for split, dataset in self._splits.items():
            extra = {} if self._split_column is None else {self._split_column: split}
            for row in dataset:
                if len(plain) == len(row):
                    yield row | extra
                else:
                    read = {name: readers.get(name) for name in row}
                    yield {n: value if (r := read[n]) is None else r(value) for n, value in row.items()} | extra


def _split(dataset: Any) -> str:
    return str(getattr(dataset, 'split', None) or 'train')


def _undecoded(dataset: Any) -> Any:
    """The dataset with media as they are stored: decoding them here would only make them be encoded again."""
    dataset = dataset.with_format(None) if hasattr(dataset, 'with_format') else dataset
    for name, feature in (dataset.features or {}).items():
        if type(feature).__name__ in _MEDIA:
            dataset = dataset.cast_column(name, type(feature)(decode=False))
    return dataset


def _reader(feature: Any) -> Any:
    kind = type(feature).__name__
    if kind == 'ClassLabel':
        return lambda value: None if value is None or value < 0 else feature.int2str(value)
    if kind in _MEDIA:
        return lambda value: None if value is None else value['bytes'] or value['path']
    return None


def _type_of(feature: Any) -> ColumnType | None:
    kind = type(feature).__name__
    if kind in _MEDIA:
        return ColumnType(_MEDIA[kind])
    if kind == 'ClassLabel':
        return ct.STRING
    if kind == 'Value':
        return of_arrow_type(feature.pa_type)
    if kind in _LISTS:
        item = feature.feature
        length = getattr(feature, 'length', -1)
        dtype = _dtype(getattr(item, 'dtype', '')) if type(item).__name__ == 'Value' else None
        shape = (length if length >= 0 else None,)
        return ct.JSON if dtype is None else ColumnType(Kind.ARRAY, detail=ArrayShape(shape, dtype))
    if kind.startswith('Array') and kind.endswith('D'):
        dtype = _dtype(feature.dtype)
        return None if dtype is None else ColumnType(Kind.ARRAY, detail=ArrayShape(tuple(feature.shape), dtype))
    return ct.JSON


def _dtype(name: str) -> str | None:
    return (
        'str'
        if name in ('string', 'large_string')
        else name
        if name.startswith(('int', 'uint', 'float', 'bool'))
        else None
    )
