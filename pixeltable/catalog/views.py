"""What makes a table a view, as a frozen value; and how the columns of its base are called in it.

Inside a view, each column of its base has an id of its own: the one that it has in the base, plus `LEVEL`. A view of a view
raises them once more. So one number says which column is meant, and from how far below it comes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

LEVEL = 1 << 20

BASE_ROW = 1
"""The column of a view, its first one, that holds the id of the base row that each row was made from. Nobody sees it."""

BASE_ROW_NAME = '_base'


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """Which rows of the table `base` a view has, and which of its columns it shows.

    `predicate` is the document of a condition on base rows, `sample` the fraction of them and the seed that chooses it, and
    `iterator` what makes rows from each of them. `columns` are those that show, in their order: of the base by their ids
    there, own ones by minus their ids; or None for all of the base, after the own ones.

    With `at`, the view is a snapshot: the base is read as of that commit, when its version was `version`.

    A view with a `query` holds the rows of its result: `query` has the document of that (`spec`), the ids of the `columns` that
    it fills, in their order, and of the `keys` among them, which tell the rows apart. `bases` are all tables that it reads, and
    `base` is the first of them.
    """

    base: str
    predicate: dict[str, Any] | None = None
    sample: tuple[float, int | None] | None = None
    iterator: dict[str, Any] | None = None
    columns: tuple[int, ...] | None = None
    at: int | None = None
    version: int | None = None
    query: dict[str, Any] | None = None
    bases: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As the catalog stores it."""
        return asdict(self)

    @staticmethod
    def of(document: dict[str, Any] | None) -> ViewSpec | None:
        """From what `document` gave, by way of JSON."""
        if document is None:
            return None
        lists = {
            name: None if document[name] is None else tuple(document[name]) for name in ('sample', 'columns', 'bases')
        }
        return ViewSpec(**document | lists)

    @property
    def sources(self) -> tuple[str, ...]:
        """The tables that the view is of."""
        return self.bases or (self.base,)

    @property
    def expressions(self) -> tuple[Any, ...]:
        """The documents of all expressions."""
        return self.predicate, self.iterator, self.query

    @property
    def sample_text(self) -> str | None:
        """The sample as users write it."""
        if self.sample is None:
            return None
        fraction, seed = self.sample
        return f'fraction={fraction}' + ('' if seed is None else f', seed={seed}')

    @property
    def outputs(self) -> tuple[int, ...]:
        """The columns of the view, by id, that its iterator fills, of which `pos` is the first, or its query."""
        made = self.iterator or self.query
        return () if made is None else tuple(made['columns'])
