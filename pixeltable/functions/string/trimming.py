"""Padding a String to a width, and removing characters from its ends."""

from __future__ import annotations

from pixeltable.udf.decorators import udf


@udf(is_method=True)
def center(self: str, width: int, fillchar: str = ' ') -> str:
    """Padded on both sides to `width`."""
    return self.center(width, fillchar)


@udf(is_method=True)
def ljust(self: str, width: int, fillchar: str = ' ') -> str:
    """Padded on the right to `width`."""
    return self.ljust(width, fillchar)


@udf(is_method=True)
def lstrip(self: str, chars: str | None = None) -> str:
    """Without the leading characters that are in `chars`, or without leading white space."""
    return self.lstrip(chars)


@udf(is_method=True)
def pad(self: str, width: int, side: str = 'left', fillchar: str = ' ') -> str:
    """Padded to `width` on `side`: 'left', 'right' or 'both'."""
    padded = {'left': self.rjust, 'right': self.ljust, 'both': self.center}
    if side not in padded:
        raise ValueError(f"side is 'left', 'right' or 'both', not {side!r}")
    return padded[side](width, fillchar)


@udf(is_method=True)
def rjust(self: str, width: int, fillchar: str = ' ') -> str:
    """Padded on the left to `width`."""
    return self.rjust(width, fillchar)


@udf(is_method=True)
def rstrip(self: str, chars: str | None = None) -> str:
    """Without the trailing characters that are in `chars`, or without trailing white space."""
    return self.rstrip(chars)


@udf(is_method=True)
def strip(self: str, chars: str | None = None) -> str:
    """Without the leading and trailing characters that are in `chars`, or without white space there."""
    return self.strip(chars)


@udf(is_method=True)
def zfill(self: str, width: int) -> str:
    """Padded with zeros after the sign to `width`."""
    return self.zfill(width)
