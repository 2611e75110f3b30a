"""Whether, where and how often a text or pattern occurs in a String."""

from __future__ import annotations

import builtins
import re
from typing import Any

from pixeltable.udf.decorators import udf


@udf(is_method=True, sql='contains({self}, {substr})')
def contains(self: str, substr: str, case: bool = True) -> bool:
    """True if `substr` occurs; with `case=False` in any case."""
    return substr in self if case else substr.casefold() in self.casefold()


@udf(is_method=True)
def contains_re(self: str, pattern: str, flags: int = 0) -> bool:
    """True if the regular expression matches anywhere."""
    return re.search(pattern, self, flags) is not None


@udf(is_method=True)
def count(self: str, pattern: str, flags: int = 0) -> int:
    """How often the regular expression matches, without overlaps."""
    return builtins.sum(1 for _ in re.finditer(pattern, self, flags))


@udf(is_method=True, sql='ends_with({self}, {substr})')
def endswith(self: str, substr: str) -> bool:
    """True if the text ends with `substr`."""
    return self.endswith(substr)


@udf(is_method=True)
def find(self: str, substr: str, start: int = 0, end: int | None = None) -> int:
    """The first position of `substr` in `[start:end]`, -1 if there is none."""
    return self.find(substr, start, end)


@udf(is_method=True)
def findall(self: str, pattern: str, flags: int = 0) -> list[Any]:
    """All matches of the regular expression, as `re.findall` gives them."""
    return re.findall(pattern, self, flags)


@udf(is_method=True)
def fullmatch(self: str, pattern: str, case: bool = True, flags: int = 0) -> bool:
    """True if the regular expression matches the whole text."""
    return re.fullmatch(pattern, self, _flags(case, flags)) is not None


@udf(is_method=True)
def index(self: str, substr: str, start: int = 0, end: int | None = None) -> int:
    """The first position of `substr` in `[start:end]`; an error if there is none."""
    return self.index(substr, start, end)


@udf(is_method=True)
def match(self: str, pattern: str, case: bool = True, flags: int = 0) -> bool:
    """True if the regular expression matches at the beginning."""
    return re.match(pattern, self, _flags(case, flags)) is not None


@udf(is_method=True)
def rfind(self: str, substr: str, start: int | None = 0, end: int | None = None) -> int:
    """The last position of `substr` in `[start:end]`, -1 if there is none."""
    return self.rfind(substr, start, end)


@udf(is_method=True)
def rindex(self: str, substr: str, start: int | None = 0, end: int | None = None) -> int:
    """The last position of `substr` in `[start:end]`; an error if there is none."""
    return self.rindex(substr, start, end)


@udf(is_method=True, sql='starts_with({self}, {substr})')
def startswith(self: str, substr: str) -> bool:
    """True if the text starts with `substr`."""
    return self.startswith(substr)


def _flags(case: bool, flags: int) -> int:
    return flags if case else flags | re.IGNORECASE
