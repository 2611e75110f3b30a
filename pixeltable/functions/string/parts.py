"""Splitting a String into parts, and joining parts."""

from __future__ import annotations

from pixeltable.udf.decorators import udf


@udf
def join(sep: str, elements: list[str]) -> str:
    """The elements of a list with `sep` between them."""
    return sep.join(elements)


@udf(is_method=True)
def partition(self: str, sep: str = ' ') -> tuple[str, str, str]:
    """What is before the first `sep`, `sep` itself, and what is after it."""
    return self.partition(sep)


@udf(is_method=True)
def rpartition(self: str, sep: str = ' ') -> tuple[str, str, str]:
    """What is before the last `sep`, `sep` itself, and what is after it."""
    return self.rpartition(sep)


@udf(is_method=True)
def rsplit(self: str, sep: str | None = None, maxsplit: int = -1) -> list[str]:
    """The parts between `sep`, or between white space; at most `maxsplit` splits, from the end."""
    return self.rsplit(sep, maxsplit)


@udf(is_method=True)
def slice(self: str, start: int | None = None, stop: int | None = None, step: int | None = None) -> str:  # noqa: A001
    """The text from `start` to before `stop`, as in `text[start:stop:step]`."""
    return self[start:stop:step]


@udf(is_method=True)
def split(self: str, sep: str | None = None, maxsplit: int = -1) -> list[str]:
    """The parts between `sep`, or between white space; at most `maxsplit` splits."""
    return self.split(sep, maxsplit)


@udf(is_method=True)
def splitlines(self: str, keepends: bool = False) -> list[str]:
    """The lines."""
    return self.splitlines(keepends)
