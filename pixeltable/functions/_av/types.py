"""The types of what is said of files, apart from what needs PyAV to load."""

from __future__ import annotations

from typing import Any, TypedDict


class ContainerMetadata(TypedDict):
    """Of a file with video or audio; rates are in bits a second, and `size` in bytes."""

    bit_exact: bool
    bit_rate: int
    size: int
    metadata: dict[str, str]
    streams: list[Any]
