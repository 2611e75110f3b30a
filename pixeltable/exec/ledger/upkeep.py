"""What the ledger holds and was good for, and removing from it: for people, not on the path of a call."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pixeltable.catalog.work import ledger as entries
from pixeltable.catalog.work.ledger import Counts
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.errors import ErrorCode, NotFoundError, did_you_mean
from pixeltable.exec.ledger.tally import Tally


@dataclass(slots=True)
class Known:
    """What is counted for one function, whatever the states of its code: `ever`, and hits and misses since the session began."""

    ever: Counts = field(default_factory=Counts)
    session: Counts = field(default_factory=Counts)


def by_name(work: WorkDatabase, tally: Tally) -> dict[str, Known]:
    """The functions of which something is counted, by their full names."""
    known: dict[str, Known] = defaultdict(Known)
    with work.read() as connection:
        for _, name, counts in entries.counted(connection):
            known[name].ever.add(counts)
    for fingerprint, counts in tally.unsaved().items():
        known[tally.names[fingerprint]].ever.add(counts)
    for fingerprint, counts in dict(tally.session).items():
        known[tally.names[fingerprint]].session.add(counts)
    return dict(sorted(known.items()))


def clear(work: WorkDatabase, function: str | None, age_s: float, is_sure: bool) -> int:
    """Removes entries that are older, and gives their space back; returns how many there were.

    Args:
        function: the full name of a function, or the end of it after a dot; None for all functions.
        is_sure: whether there is such a function, of which nothing may have been kept.

    Raises:
        NotFoundError: FUNCTION_NOT_FOUND if the ledger knows no such function.
    """
    before = time.time_ns() // 1000 - int(age_s * 1e6) + 1
    with work.write() as connection:
        known = entries.counted(connection)
        matching = _matching(known, function)
        if not matching and function is not None and not is_sure:
            raise _unknown(known, function)
        removed = entries.remove_of(connection, matching, before)
    if removed:
        work.scrub()
    return removed


def _matching(known: Iterable[tuple[bytes, str, Counts]], function: str | None) -> list[bytes]:
    return [each for each, name, _ in known if function is None or f'.{name}'.endswith(f'.{function}')]


def _unknown(known: Iterable[tuple[bytes, str, Counts]], function: str) -> NotFoundError:
    names = sorted({name for _, name, _ in known})
    return NotFoundError(
        ErrorCode.FUNCTION_NOT_FOUND, f'the ledger knows no function {function!r}.{did_you_mean(function, names)}'
    )
