"""Changes that put right what was damaged, for all commits that see it. Like removals, they touch what other changes only end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixeltable.catalog.changes import NewFile


@dataclass(frozen=True, slots=True)
class ReplaceFile:
    """Puts `file`, which holds the same columns of the same rows, in the place of files of a table that cannot be read."""

    table_id: str
    file_ids: tuple[int, ...]
    file: NewFile


@dataclass(frozen=True, slots=True)
class ForgetAside:
    """Removes the statistics and the block digests of files: what is not known is found out by reading the file."""

    table_id: str
    file_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RaiseCounter:
    """Makes `at_least` the smallest id that the next row of a table may get."""

    table_id: str
    at_least: int
