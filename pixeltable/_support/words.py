"""Numbers in sentences."""

from __future__ import annotations


def counted(number: float, noun: str) -> str:
    """`'1 row'`, `'2,000 rows'`."""
    return f'{number:,} {noun}{"" if number == 1 else "s"}'
