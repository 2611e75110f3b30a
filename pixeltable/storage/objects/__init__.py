"""The seam through which every byte of table data is written and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class ObjectStore(Protocol):
    """A flat namespace of immutable objects. Keys are `/`-separated relative paths.

    Call order: `put` returns only when the object is durable under its final name and would survive power loss; a key
    is written once and never again. `get` and `get_range` of a key that is not there raise
    `NotFoundError(STORAGE_NOT_FOUND)`; `delete` of a missing key is no error. `list` gives the keys that begin with a
    prefix, in no order, and never a key whose `put` has not finished. A store that cannot be reached raises
    `ServiceUnavailableError(STORE_UNAVAILABLE)`.
    """

    def put(self, key: str, data: bytes | memoryview) -> None: ...

    def get(self, key: str) -> memoryview: ...

    def get_range(self, key: str, start: int, length: int) -> memoryview: ...

    def list(self, prefix: str) -> Iterator[str]: ...

    def delete(self, key: str) -> None: ...
