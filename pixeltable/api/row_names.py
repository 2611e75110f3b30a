"""Rows whose cells are found by names in any case, as columns are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class FoldedRow(dict[str, Any]):
    """A row by the names of its columns, as they were declared; looked up, capitals do not matter."""

    __slots__ = ()

    def __missing__(self, name: Any) -> Any:
        found = name_in(self, name)
        if found is None:
            raise KeyError(name)
        return self[found]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name_in(self, name) is not None

    def get(self, name: Any, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default


def name_in(names: Iterable[str], name: object) -> str | None:
    """The one of `names` that differs from `name` only by capitals; None if that is none, or not one alone."""
    found = [each for each in names if isinstance(name, str) and each.lower() == name.lower()]
    return found[0] if len(found) == 1 else None


def row_type(names: Iterable[str]) -> type[dict[str, Any]]:
    """What rows of these columns are: plain dicts, wherever there are no capitals."""
    return dict if all(name == name.lower() for name in names) else FoldedRow
