"""Which code made the cells of a column in a file: what stands there as its fingerprint.

3f2a…          all cells were made by this code
3f2a…+9c01…    each cell was made by one of these
3f2a…~         and what some cell was made from has changed since, without this column being computed again
None           nobody knows: files of older releases say so of cells that were made by several
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

UNKNOWN = '?'
_OUTDATED = '~'
_AND = '+'


@dataclass(frozen=True, slots=True)
class MadeBy:
    """The fingerprints of the code that made some cells, and whether inputs have changed since."""

    codes: frozenset[str]
    is_outdated: bool = False

    @property
    def text(self) -> str | None:
        """How a file says it."""
        if self.codes == {UNKNOWN} and not self.is_outdated:
            return None
        return _AND.join(sorted(self.codes)) + (_OUTDATED if self.is_outdated else '')

    def is_current(self, codes: frozenset[str]) -> bool:
        """Whether computing the cells again with one of `codes`, which all do the same, would change nothing."""
        return not self.is_outdated and self.codes <= codes


@functools.lru_cache(maxsize=4096)
def made_by(text: str | None) -> MadeBy:
    """What a file says."""
    if text is None:
        return MadeBy(frozenset({UNKNOWN}))
    return MadeBy(frozenset(text.removesuffix(_OUTDATED).split(_AND)), text.endswith(_OUTDATED))


def together(texts: Iterable[str | None]) -> str | None:
    """What to say of cells that are put together, of which these things were said; `texts` has one at least."""
    found = [made_by(text) for text in texts]
    codes = frozenset(code for each in found for code in each.codes)
    return MadeBy(codes, any(each.is_outdated for each in found)).text


def outdated(text: str | None) -> str | None:
    """What to say of cells whose inputs have changed."""
    return MadeBy(made_by(text).codes, True).text


def same_as(fingerprint: str, accepted: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The fingerprints of code that gives the same as that with `fingerprint`; each pair of `accepted` gives the same."""
    pairs = list(accepted)
    found = {fingerprint}
    while more := {code for pair in pairs if found.intersection(pair) for code in pair} - found:
        found |= more
    return frozenset(found)
