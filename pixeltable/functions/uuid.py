"""Functions and methods of UUID expressions."""

from __future__ import annotations

import os
import time
import uuid

from pixeltable.udf.decorators import udf


@udf(is_deterministic=False)
def uuid4() -> uuid.UUID:
    """A random UUID."""
    return uuid.uuid4()


@udf(is_deterministic=False)
def uuid7() -> uuid.UUID:
    """A UUID that starts with the time in milliseconds, so that later ones sort later (RFC 9562, section 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    return uuid.UUID(int=value)


@udf(is_method=True, sql='CAST({u} AS VARCHAR)')
def to_string(u: uuid.UUID) -> str:
    """The UUID as text with hyphens."""
    return str(u)


@udf(is_method=True, sql="replace(CAST({u} AS VARCHAR), '-', '')")
def hex(u: uuid.UUID) -> str:  # noqa: A001
    """The UUID as 32 hexadecimal digits."""
    return u.hex
