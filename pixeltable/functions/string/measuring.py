"""The length of a String, and what its characters are."""

from __future__ import annotations

import builtins

from pixeltable.udf.decorators import udf


@udf(is_method=True)
def isalnum(self: str) -> bool:
    """True if all characters are letters or numbers, and there is one."""
    return self.isalnum()


@udf(is_method=True)
def isalpha(self: str) -> bool:
    """True if all characters are letters, and there is one."""
    return self.isalpha()


@udf(is_method=True)
def isascii(self: str) -> bool:
    """True if all characters are ASCII."""
    return self.isascii()


@udf(is_method=True)
def isdecimal(self: str) -> bool:
    """True if all characters are decimal digits, and there is one."""
    return self.isdecimal()


@udf(is_method=True)
def isdigit(self: str) -> bool:
    """True if all characters are digits, raised ones included, and there is one."""
    return self.isdigit()


@udf(is_method=True)
def isidentifier(self: str) -> bool:
    """True if the text is a Python identifier."""
    return self.isidentifier()


@udf(is_method=True)
def islower(self: str) -> bool:
    """True if all letters are in lower case, and there is one."""
    return self.islower()


@udf(is_method=True)
def isnumeric(self: str) -> bool:
    """True if all characters are numeric, fractions included, and there is one."""
    return self.isnumeric()


@udf(is_method=True)
def isspace(self: str) -> bool:
    """True if all characters are white space, and there is one."""
    return self.isspace()


@udf(is_method=True)
def istitle(self: str) -> bool:
    """True if every word is capitalized, and there is one."""
    return self.istitle()


@udf(is_method=True)
def isupper(self: str) -> bool:
    """True if all letters are in upper case, and there is one."""
    return self.isupper()


@udf(is_method=True, sql='length({self})')
def len(self: str) -> int:  # noqa: A001
    """The number of characters (Unicode code points)."""
    return builtins.len(self)
