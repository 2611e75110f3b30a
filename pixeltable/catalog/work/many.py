"""Statements over many keys: a few texts for all numbers of keys, so that each is compiled and prepared once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.sql.elements import ClauseElement, ColumnElement

from pixeltable.catalog.connection import Connection

SIZES = (256, 16, 1)
"""Keys in one statement: the largest of these that is filled, and for what is left the smallest that holds it."""

Make = Callable[[ColumnElement[bool]], ClauseElement]


class OverKeys:
    """The statements that `make` makes of the condition that `column` is one of the keys: one a number of keys, when needed."""

    def __init__(self, column: ColumnElement[Any], make: Make) -> None:
        self._column = column
        self._make = make
        self._made: dict[int, ClauseElement] = {}

    def rows(self, connection: Connection, keys: Collection[Any]) -> list[Any]:
        """All rows for any of the keys, which differ from each other."""
        found: list[Any] = []
        for statement, parameters in self._chunks(keys):
            found += connection.rows(statement, parameters)
        return found

    def execute(self, connection: Connection, keys: Collection[Any], more: Mapping[str, Any] | None = None) -> None:
        """Changes the rows of all keys; `more` are the statement's other parameters."""
        for statement, parameters in self._chunks(keys):
            connection.execute(statement, {**parameters, **(more or {})})

    def _chunks(self, keys: Collection[Any]) -> Iterator[tuple[ClauseElement, dict[str, Any]]]:
        ordered, start = list(keys), 0
        while start < len(ordered):
            left = len(ordered) - start
            size = next((each for each in reversed(SIZES) if each >= left), SIZES[0])
            chunk = ordered[start : start + size]
            chunk += chunk[-1:] * (size - len(chunk))
            yield self._statement(size), {f'key{number}': key for number, key in enumerate(chunk)}
            start += size

    def _statement(self, size: int) -> ClauseElement:
        if size not in self._made:
            keys: list[Any] = [bindparam(f'key{number}') for number in range(size)]
            self._made[size] = self._make(self._column.in_(keys))
        return self._made[size]
