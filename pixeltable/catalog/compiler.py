"""Writes the SQL of SQLAlchemy's statements and tables, each once in a process."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement


class Compiler:
    """SQL text and constant parameters of each statement, made when first used."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[ClauseElement, tuple[str, dict[str, Any]]] = {}
        self._creations: dict[Table, list[str]] = {}

    def __call__(self, statement: ClauseElement) -> tuple[str, dict[str, Any]]:
        compiled = self._compiled.get(statement)
        return compiled if compiled is not None else self._compile(statement)

    def _compile(self, statement: ClauseElement) -> tuple[str, dict[str, Any]]:
        compiled = statement.compile(dialect=self._dialect)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        result = self._compiled[statement] = str(compiled), constants
        return result

    def creation(self, table: Table) -> list[str]:
        """The statements that make a table and its indexes."""
        if table not in self._creations:
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            parts: list[ClauseElement] = [CreateTable(table), *map(CreateIndex, indexes)]
            self._creations[table] = [str(part.compile(dialect=self._dialect)) for part in parts]
        return self._creations[table]


_COMPILERS: dict[str, Compiler] = {}


def compiler(dialect: Dialect) -> Compiler:
    """All databases of a kind share it: they are told the same statements, and to write one takes as long as to run it."""
    return _COMPILERS.setdefault(dialect.name, Compiler(dialect))
