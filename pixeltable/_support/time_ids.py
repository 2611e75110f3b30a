"""Identifiers that say when they were made: UUIDs of version 7 (RFC 9562), as 32 hexadecimal digits."""

from __future__ import annotations

import re
import secrets
import time

_UUID = re.compile(r'[0-9a-f]{32}')


def new_id() -> str:
    """An identifier that nobody else makes. It begins with the time, by the clock of this machine."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << 80) | secrets.randbits(80)
    number = (number & ~(0xF << 76)) | (7 << 76)
    number = (number & ~(0x3 << 62)) | (2 << 62)
    return f'{number:032x}'


def made_at(identifier: str) -> int | None:
    """When an identifier was made, in microseconds since 1970; 0 for a UUID of another version, None for any other text."""
    if not _UUID.fullmatch(identifier):
        return None
    return int(identifier[:12], 16) * 1000 if identifier[12] == '7' else 0
