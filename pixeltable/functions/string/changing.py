"""Replacing, repeating, wrapping and formatting."""

from __future__ import annotations

import builtins
import re
import textwrap
import unicodedata
from typing import Any

from pixeltable.udf.decorators import udf


@udf(is_method=True)
def fill(self: str, width: int, **kwargs: Any) -> str:
    """Broken into lines of at most `width` characters; `kwargs` as for `textwrap.fill`."""
    return textwrap.fill(self, width, **kwargs)


@udf(is_method=True)
def format(self: str, *args: Any, **kwargs: Any) -> str:  # noqa: A001
    """The text as a template for `str.format`."""
    return self.format(*args, **kwargs)


@udf(is_method=True)
def normalize(self: str, form: str) -> str:
    """In a Unicode normal form: 'NFC', 'NFD', 'NFKC' or 'NFKD'."""
    return unicodedata.normalize(form, self)  # type: ignore[arg-type]  # a wrong form is an error of the cell


@udf(
    is_method=True,
    sql='CASE WHEN starts_with({self}, {prefix}) THEN substr({self}, length({prefix}) + 1) ELSE {self} END',
)
def removeprefix(self: str, prefix: str) -> str:
    """Without `prefix`, if the text starts with it."""
    return self.removeprefix(prefix)


@udf(
    is_method=True,
    sql='CASE WHEN ends_with({self}, {suffix}) THEN substr({self}, 1, length({self}) - length({suffix})) ELSE {self} END',
)
def removesuffix(self: str, suffix: str) -> str:
    """Without `suffix`, if the text ends with it."""
    return self.removesuffix(suffix)


@udf(is_method=True, sql='repeat({self}, {n})')
def repeat(self: str, n: int) -> str:
    """The text `n` times."""
    return self * n


@udf(is_method=True)
def replace(self: str, substr: str, repl: str, n: int | None = None) -> str:
    """With `substr` replaced by `repl`; only the first `n` times, if given."""
    return self.replace(substr, repl, -1 if n is None else n)


@udf(is_method=True)
def replace_re(self: str, pattern: str, repl: str, n: int | None = None, flags: int = 0) -> str:
    """With the matches of a regular expression replaced by `repl`; only the first `n`, if given."""
    return re.sub(pattern, repl, self, count=n or 0, flags=flags) if n is None or n > 0 else self


@udf(is_method=True)
def reverse(self: str) -> str:
    """The characters in reverse order."""
    return self[::-1]


@udf(is_method=True)
def slice_replace(self: str, start: int | None = None, stop: int | None = None, repl: str | None = None) -> str:
    """With the part from `start` to before `stop` replaced by `repl`, or removed."""
    length = builtins.len(self)
    first, last, _ = builtins.slice(start, stop).indices(length)
    return self[:first] + (repl or '') + self[max(first, last) :]


@udf(is_method=True)
def wrap(self: str, width: int, **kwargs: Any) -> list[str]:
    """The lines of at most `width` characters that the text is broken into; `kwargs` as for `textwrap.wrap`."""
    return textwrap.wrap(self, width, **kwargs)
