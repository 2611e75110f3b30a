"""Why cells of a table are stale, counted and in words: for people, who decide what to compute again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pixeltable.catalog.fingerprints import UNKNOWN
from pixeltable.catalog.records import ColumnRecord
from pixeltable.exec.codes import Codes, changed, reason, words
from pixeltable.exec.engine import Engine
from pixeltable.exec.failures import count_failures
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exec.staleness import StaleColumn, staleness
from pixeltable.udf.parts import Parts, parts_of

_SHOWN = 8
"""So many digits of a fingerprint are shown."""

_CODE = ('code', 'dependency', 'model')
"""The reasons that a change of code may be, the most serious first."""


@dataclass(frozen=True, slots=True)
class StaleCells:
    """So many cells of one column that are stale for one reason."""

    column: str
    cells: int
    reason: str
    detail: str


def stale_cells(engine: Engine, source: Source, codes: Codes) -> list[StaleCells]:
    """What is stale, in the order of the columns. The reasons of a column share no cell, but for those that failed."""
    found = staleness(engine, source)
    known = codes.find({code for stale in found.values() for made in stale.by_code.values() for code in made})
    reader = _Reader(source, known)
    return [row for record in source.schema.computed for row in reader.rows(found[record.id], found)]


class _Reader:
    def __init__(self, source: Source, known: dict[str, Parts]) -> None:
        self._source = source
        self._known = known

    def rows(self, stale: StaleColumn, found: dict[int, StaleColumn]) -> Iterator[StaleCells]:
        name = stale.record.name
        if stale.problem is not None:
            why = str(stale.problem.__cause__ or stale.problem)  # which does not name the column again
            yield StaleCells(name, self._count(stale.held), 'missing function', why)
        if not stale.record.stored:
            return
        if stale.column is not None:
            yield from self._by_code(stale, stale.column)
        yield from self._by_input(stale, found)
        yield from self._failed(stale.record)

    def _count(self, indexes: Iterable[int]) -> int:
        return sum(self._source.contents.segments[index].live_rows for index in indexes)

    def _by_code(self, stale: StaleColumn, column: ComputedColumn) -> Iterator[StaleCells]:
        """A row for each reason; a segment with cells of several codes counts for the most serious one."""
        now = parts_of(column.node) if stale.by_code else {}
        keys = {code: changed(self._known.get(code), now) for made in stale.by_code.values() for code in made}
        segments: dict[str, list[int]] = {}
        for index, made in stale.by_code.items():
            worst = min((reason(keys[code]) for code in made), key=_CODE.index)
            segments.setdefault(worst, []).append(index)
        for why in filter(segments.__contains__, _CODE):
            counts: Counter[str] = Counter()
            for index in segments[why]:
                counts.update(dict.fromkeys(stale.by_code[index], self._count([index])))
            cells = self._count(segments[why])
            told = [
                self._told(code, keys[code], now, None if count == cells else count) for code, count in counts.items()
            ]
            detail = f'{"; ".join(told)}; it is {column.fingerprint[:_SHOWN]} now'
            if cells:
                yield StaleCells(stale.record.name, cells, why, detail)

    def _told(self, code: str, keys: Collection[str], now: Parts, cells: int | None) -> str:
        """What changed since some code; `cells` if it is only one of several codes."""
        since = f'{words(keys, self._known.get(code), now)} since {code[:_SHOWN]}'
        made = 'made by several codes' if code == UNKNOWN else since
        return made if cells is None else f'{made} ({cells} cell{"" if cells == 1 else "s"})'

    def _by_input(self, stale: StaleColumn, found: dict[int, StaleColumn]) -> Iterator[StaleCells]:
        indexes = (stale.outdated | stale.by_input.keys()) - stale.by_code.keys()
        cells = self._count(indexes)
        if not cells:
            return
        read = sorted({each for index in indexes for each in stale.by_input.get(index, ())})
        told = [f'{found[column_id].record.name!r} is stale' for column_id in read]
        if stale.outdated & indexes:
            told.append('what it reads was changed, and it was not computed again (cascade=False)')
        yield StaleCells(stale.record.name, cells, 'input', '; '.join(told))

    def _failed(self, record: ColumnRecord) -> Iterator[StaleCells]:
        counts = count_failures(self._source, record)
        if counts:
            told = (f'{kind} {count}×' for kind, count in counts.most_common())
            yield StaleCells(record.name, counts.total(), 'error', ', '.join(told))
