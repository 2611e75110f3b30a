"""What maintenance did, as its caller sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pixeltable._support.words import counted


@dataclass(frozen=True, slots=True)
class OptimizeStatus:
    """The result of `Table.optimize`.

    Attributes:
        segments_before, segments_after: the table's segments: its rows lie in so many pieces.
        bytes_before, bytes_after: the size of its files, those in the catalog included.
        rows: how many rows the table has.
        rows_rewritten: how many were written again, each as often as that.
        seconds: how long it took.
    """

    segments_before: int = 0
    segments_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    rows: int = 0
    rows_rewritten: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def message(self) -> str:
        """One line for people, such as `Optimized 100 segments into 1 (64 KB into 20 KB), rewriting 100 rows in 0.02 s`."""
        if not self.rows_rewritten:
            return f'Nothing to optimize in {counted(self.segments_before, "segment")}.'
        return (
            f'Optimized {counted(self.segments_before, "segment")} into {self.segments_after:,} '
            f'({_size(self.bytes_before)} into {_size(self.bytes_after)}), rewriting '
            f'{counted(self.rows_rewritten, "row")} in {self.seconds:.2f} s'
        )


@dataclass(frozen=True, slots=True)
class VacuumStatus:
    """The result of `Table.vacuum` and `pxt.vacuum`.

    Attributes:
        versions: versions that went out of reach.
        waiting: versions out of reach whose contents go with a later vacuum, when the grace period is over.
        files, bytes: files that were removed, those in the catalog included, and their size.
        orphans: objects that crashed writers had left; their size is in `bytes`.
        tables, functions: dropped tables, and stored functions, that were removed for good by `pxt.vacuum`.
        seconds: how long it took.
    """

    versions: int = 0
    waiting: int = 0
    files: int = 0
    bytes: int = 0
    orphans: int = 0
    tables: int = 0
    functions: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def message(self) -> str:
        """One line for people, such as `Vacuumed 3 versions: removed 2 files (1.2 MB) in 0.01 s; 1 version waits`."""
        parts = [counted(self.files, 'file')]
        counts = (('orphan', self.orphans), ('dropped table', self.tables), ('function', self.functions))
        parts += [counted(count, noun) for noun, count in counts if count]
        waiting = f'; {counted(self.waiting, "version")} kept until the grace period is over' if self.waiting else ''
        return (
            f'Vacuumed {counted(self.versions, "version")}: removed {", ".join(parts)} ({_size(self.bytes)}) '
            f'in {self.seconds:.2f} s{waiting}'
        )


@dataclass(frozen=True, slots=True)
class PurgeStatus:
    """The result of `Table.purge`.

    Attributes:
        rows: rows that were removed from all versions.
        versions: versions that had some of them.
        files: files that were written again without their values.
        objects: objects that were deleted from the store.
        results: results of functions that were removed from the ledger.
        views: for each view that held something of them, by its path, the rows that went from its past; groups and the like are
            there again, without what was purged. One that was dropped is there as `'path (dropped)'`.
        not_reached: where the values may still be, in words.
        seconds: how long it took.
    """

    rows: int = 0
    versions: int = 0
    files: int = 0
    objects: int = 0
    results: int = 0
    views: Mapping[str, int] = field(default_factory=dict)
    not_reached: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def message(self) -> str:
        """One line for people, such as `Purged 1 row from 4 versions, rewriting 2 files in 0.05 s`."""
        return (
            f'Purged {counted(self.rows, "row")} from {counted(self.versions, "version")}, rewriting '
            f'{counted(self.files, "file")} in {self.seconds:.2f} s{self._of_views}'
        )

    @property
    def _of_views(self) -> str:
        if not self.views:
            return ''
        return f'; with {counted(sum(self.views.values()), "row")} of {counted(len(self.views), "view")}'


def _size(count: float) -> str:
    for unit in ('bytes', 'KB', 'MB', 'GB'):
        if count < 1000:
            return f'{count:.0f} {unit}' if unit == 'bytes' else f'{count:.1f} {unit}'
        count /= 1000
    return f'{count:.1f} TB'
