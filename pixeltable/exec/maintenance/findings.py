"""What a verification found: problems, each with what can be done about it, things worth knowing, and counts.

A problem carries its cause as a record, which is what `repair` acts on; the text is for people.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from pixeltable._support.words import counted

RESTORE = 'restore it from a backup of the home'
REPAIR = 'pxt.repair() makes it again'
REPORT = 'please report it with what was done to the table before'
SHOWN = 50
"""Problems that a report prints; it holds all of them."""


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file that is not what was written, under all its ids; `ranges` are the bytes that have changed, if that can be told."""

    table_id: str
    file_ids: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class WrongAside:
    """The statistics or block digests that the catalog keeps of files do not fit their content."""

    table_id: str
    file_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LowCounter:
    """The next row id of a table has been given out already."""

    table_id: str
    at_least: int


@dataclass(frozen=True, slots=True)
class DamagedMedia:
    """A stored media file is missing or not what was written; values of the column refer to it."""

    table_id: str
    column_id: int
    key: str


@dataclass(frozen=True, slots=True)
class WrongRows:
    """A view does not hold what its query gives."""

    table_id: str


Cause = DamagedFile | WrongAside | LowCounter | DamagedMedia | WrongRows


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong.

    Attributes:
        table: the path of the table; None if it concerns the whole catalog.
        file: the key of an object below the data root, or the number of a file inlined in the catalog.
        what: what is wrong.
        remedy: what to do.
    """

    table: str | None
    file: str | None
    what: str
    remedy: str
    cause: Cause | None = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        """The table and the file in words."""
        table = f'table {self.table!r}' if self.table else 'catalog'
        return f'{table}, file {self.file}' if self.file else table

    def __str__(self) -> str:
        is_said = self.what.lower().endswith(self.remedy.lower())  # by an error that is its own problem
        return f'{self.where}: {self.what}.' if is_said else f'{self.where}: {self.what}; {self.remedy}.'


class Findings:
    """Gathers what checks find. Any thread may add to it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.tables = self.segments = self.files = self.bytes = self.cells = 0
        self._lock = threading.Lock()

    def problem(
        self,
        table: str | None,
        what: str,
        remedy: str = RESTORE,
        *,
        file: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        with self._lock:
            self.problems.append(Problem(table, file, what, remedy, cause))

    def note(self, text: str) -> None:
        with self._lock:
            self.notes.append(text)

    def count(self, size: int) -> int:
        """Counts a file of `size` bytes; returns by how many the whole megabytes have grown."""
        with self._lock:
            before = self.bytes >> 20
            self.files += 1
            self.bytes += size
            return (self.bytes >> 20) - before


@dataclass(frozen=True, slots=True, repr=False)
class VerifyReport:
    """What `verify` found. It prints as text; `ok` says whether anything is wrong.

    Attributes:
        problems: what is wrong, tables in the order of their creation.
        notes: what is not wrong and worth knowing: objects that no commit names, functions that cannot be found.
        tables, segments, files, bytes, cells: how many were checked; `cells` are those that were computed again.
        seconds: how long it took.
    """

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    tables: int
    segments: int
    files: int
    bytes: int
    cells: int
    seconds: float

    @property
    def ok(self) -> bool:
        """True if nothing is wrong."""
        return not self.problems

    def __repr__(self) -> str:
        checked = (
            f'{counted(self.tables, "table")}, {counted(self.segments, "segment")}, {counted(self.files, "file")} of '
            f'{self.bytes / 1e6:,.1f} MB, {counted(self.cells, "computed cell")} in {self.seconds:.1f} s'
        )
        verdict = 'nothing is wrong' if self.ok else f'{counted(len(self.problems), "problem")}:'
        lines = [f'Checked {checked}: {verdict}', *(f'  {problem}' for problem in self.problems[:SHOWN])]
        if len(self.problems) > SHOWN:
            lines.append(f'  and {len(self.problems) - SHOWN} more in report.problems')
        return '\n'.join([*lines, *(f'Note: {note}' for note in self.notes)])
