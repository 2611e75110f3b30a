"""The arguments of calls: media, and what has media inside, as functions take them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pixeltable.exec.calls.rows import Argument, argument_rows
from pixeltable.exec.media.loading import Loading
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.nodes import Call, Literal
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.nested_media import holds_media, replaced
from pixeltable.udf.function import Function

UNREAD = 'takes_unread_images'
"""The attribute of built-in functions that get images of which only the header is read, each for itself."""


_LOOKS_ON = frozenset({'pixeltable.functions.json', 'pixeltable.functions._lists'})
"""Modules of functions that take Json as it is, such as its length: they need no media."""


class MediaArguments:
    """The media arguments of the calls of one function for one batch."""

    def __init__(
        self,
        loading: Loading,
        function: Function,
        kinds: Mapping[int, Kind],
        nested: Mapping[int, tuple[ColumnType, bool]],
        shared: Collection[int],
    ) -> None:
        """`kinds` are those of the arguments that are media, by place; `nested` the types of those with media inside, and
        whether the function declares them."""
        self._loading = loading
        self._kinds = kinds
        self._nested = nested
        self._shared = shared
        self._is_unread = hasattr(function.raw, UNREAD)
        self._may_change = not _is_own(function)

    @staticmethod
    def of(loading: Loading, function: Function, node: Call, shared: Collection[int]) -> MediaArguments | None:
        """What loads the media arguments of calls; None if there are none. Others, too, take those at the places `shared`."""
        kinds, nested = {}, {}
        takes_any = function.module not in _LOOKS_ON
        for place, (name, arg) in enumerate(zip(node.names, node.args, strict=True)):
            wanted = function.signature.find(name).type or arg.type
            if wanted.is_media:
                kinds[place] = wanted.kind
            elif holds_media(wanted):
                nested[place] = wanted, True
            elif takes_any and holds_media(arg.type):
                nested[place] = arg.type, False
        return MediaArguments(loading, function, kinds, nested, shared) if kinds or nested else None

    async def loaded(self, arguments: Sequence[Argument], called: Sequence[int]) -> list[Argument]:
        """`arguments` as the function takes them in the rows `called`; a value that cannot be loaded is an error of its row."""
        found = list(arguments)
        for place in self._kinds:
            argument = arguments[place]
            if not isinstance(argument, Literal):
                loaded = await self._values(place, [argument.values[row] for row in called])
                found[place] = _filled(argument, called, loaded)
            elif isinstance(argument.value, str):
                loaded = await self._values(place, [argument.value])
                found[place] = _filled(Vector([None] * (max(called, default=-1) + 1)), called, loaded * len(called))
        for place, (type_, is_declared) in self._nested.items():
            vector = found[place]
            if isinstance(vector, Vector):
                loaded = await self._inside([vector.values[row] for row in called], type_, is_declared)
                found[place] = _filled(vector, called, loaded)
        return found

    async def _inside(self, values: Sequence[Any], type_: ColumnType, is_declared: bool) -> list[Any]:
        """Values with the media that references inside of them stand for, or the error of one that cannot be read."""
        wanted: dict[Kind, list[Any]] = {}
        for value in values:
            replaced(value, type_, lambda each, kind: wanted.setdefault(kind, []).append(each))
        loaded = {kind: iter(await self._opened(each, kind, is_declared)) for kind, each in wanted.items()}
        return [_or_error(partial(replaced, value, type_), loaded) for value in values]

    async def _opened(self, values: Sequence[Any], kind: Kind, is_declared: bool) -> list[Any]:
        """Requests of models are made of files as they are, which lose nothing and are small."""
        if self._may_change or is_declared:
            return await self._loading.values(values, kind, is_unread=False, is_copied=True)
        return await self._loading.files(values, kind)

    async def rows(self, rows: Sequence[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], dict[int, CellError]]:
        """Arguments row by row, loaded, and by position the rows where that failed."""
        columns: list[Argument] = [Vector(list(column)) for column in zip(*rows, strict=True)]
        places = range(len(rows))
        loaded = await self.loaded(columns, places)
        errors = {row: error for column in loaded if isinstance(column, Vector) for row, error in column.errors.items()}
        return list(argument_rows(loaded, places)), errors

    async def _values(self, place: int, values: Sequence[Any]) -> list[Any]:
        is_copied = self._may_change and place in self._shared
        return await self._loading.values(values, self._kinds[place], self._is_unread, is_copied)


def _is_own(function: Function) -> bool:
    return function.module.startswith('pixeltable.functions.')


def _or_error(replacing: Callable[[Any], Any], loaded: Mapping[Kind, Iterator[Any]]) -> Any:
    """A value with what was loaded for its media; the error of the first that could not be."""
    errors = []

    def next_of(_: Any, kind: Kind) -> Any:
        found = next(loaded[kind])
        errors.extend([found] if isinstance(found, CellError) else [])
        return found

    value = replacing(next_of)
    return errors[0] if errors else value


def _filled(vector: Vector, rows: Sequence[int], loaded: Sequence[Any]) -> Vector:
    values, errors = list(vector.values), dict(vector.errors)
    for row, value in zip(rows, loaded, strict=True):
        values[row] = None if isinstance(value, CellError) else value
        if isinstance(value, CellError):
            errors[row] = value
    return Vector(values, errors)
