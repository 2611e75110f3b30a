"""Upper and lower case."""

from __future__ import annotations

from pixeltable.udf.decorators import udf


@udf(is_method=True)
def capitalize(self: str) -> str:
    """The first character in upper case, the rest in lower case."""
    return self.capitalize()


@udf(is_method=True)
def casefold(self: str) -> str:
    """Folded for comparisons that ignore case."""
    return self.casefold()


@udf(is_method=True)
def lower(self: str) -> str:
    """In lower case."""
    return self.lower()


@udf(is_method=True)
def swapcase(self: str) -> str:
    """Upper case as lower case and the other way round."""
    return self.swapcase()


@udf(is_method=True)
def title(self: str) -> str:
    """Every word capitalized."""
    return self.title()


@udf(is_method=True)
def upper(self: str) -> str:
    """In upper case."""
    return self.upper()
