"""What the ledger holds and was good for, and removing from it: for people and for maintenance, not on the path of a call."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from pixeltable.catalog.work import ledger as entries
from pixeltable.catalog.work.ledger import Counts, Described
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.errors import ErrorCode, NotFoundError, did_you_mean
from pixeltable.exec.ledger.tally import Tally
from pixeltable.udf.function import Function


@dataclass(slots=True)
class Known:
    """What is counted for one function, whatever the states of its code: `ever`, and hits and misses since the session began."""

    ever: Counts = field(default_factory=Counts)
    session: Counts = field(default_factory=Counts)


class Upkeep:
    """Functions go by their full names. What reads or writes raises what the work database does."""

    def __init__(self, work: WorkDatabase, tally: Tally) -> None:
        self._work = work
        self._tally = tally

    def by_name(self) -> dict[str, Known]:
        """The functions of which something is counted."""
        known: dict[str, Known] = defaultdict(Known)
        with self._work.read() as connection:
            for _, function, counts in entries.counted(connection):
                known[function.name].ever.add(counts)
        for fingerprint, counts in self._tally.unsaved().items():
            known[self._tally.name_of(fingerprint)].ever.add(counts)
        for fingerprint, counts in dict(self._tally.session).items():
            known[self._tally.name_of(fingerprint)].session.add(counts)
        return dict(sorted(known.items()))

    def functions(self) -> dict[bytes, Described]:
        """Each state of a function's code that has entries, by its fingerprint."""
        with self._work.read() as connection:
            return {each: function for each, function, counts in entries.counted(connection) if counts.entries}

    def clear(self, function: str | None, age_s: float, is_sure: bool = False) -> int:
        """Removes entries that are older, and gives their space back; returns how many there were.

        Args:
            function: the name of a function, or the end of it after a dot; None for all functions.
            is_sure: whether there is such a function, of which nothing may have been kept.

        Raises:
            NotFoundError: FUNCTION_NOT_FOUND if the ledger knows no such function.
        """
        with self._work.write() as connection:
            known = {fingerprint: function.name for fingerprint, function, _ in entries.counted(connection)}
            matching = [each for each, name in known.items() if function is None or is_called(name, function)]
            if not matching and function is not None and not is_sure:
                raise _unknown(sorted(set(known.values())), function)
            removed = entries.remove_of(connection, matching, _now(-age_s) + 1)
        if removed:
            self.scrub()
        return removed

    def remove(self, keys: Collection[bytes]) -> int:
        """Removes the entries of these keys; returns how many there were."""
        if not keys:
            return 0
        with self._work.write() as connection:
            return entries.remove(connection, keys)

    def remove_of(self, fingerprints: Collection[bytes]) -> int:
        """Removes all entries of functions with these fingerprints; returns how many there were."""
        with self._work.write() as connection:
            return entries.remove_of(connection, fingerprints, _now(1))

    def scrub(self) -> list[str]:
        """Overwrites what was removed; returns where it may still be, in words."""
        return self._work.scrub()


def described(function: Function) -> Described:
    """How entries of `function` are known."""
    return Described(f'{function.module}.{function.qualname}', str(function.full_signature))


def is_called(full_name: str, name: str) -> bool:
    """Whether a function may be meant by `name`: its full name, or the end of it after a dot."""
    return f'.{full_name}'.endswith(f'.{name}')


def _now(later_s: float) -> int:
    return time.time_ns() // 1000 + int(later_s * 1e6)


def _unknown(names: list[str], function: str) -> NotFoundError:
    return NotFoundError(
        ErrorCode.FUNCTION_NOT_FOUND, f'the ledger knows no function {function!r}.{did_you_mean(function, names)}'
    )
