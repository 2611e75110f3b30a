"""Which store holds an object: the one place that knows all implementations.

A key without a scheme lies in the data root of the home. A table with a root of its own has whole URLs as keys. Before a root
is first written to or cleaned, it is made sure that it belongs to the catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.objects import ObjectInfo, ObjectStore
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.objects.ownership import Ownership

_OBJECTS = '/tables/'
"""Where the URL of an object parts into its root and the rest, which never holds this again."""


def open_store(root: str) -> ObjectStore:
    """The store of a data root, a URL as `config.data_root` spells it. Nothing is sent or made yet."""
    if root.startswith('file://'):
        return LocalStore(Path(unquote(root.removeprefix('file://'))))
    from pixeltable.storage.objects.remote import RemoteStore  # it loads obstore, which only buckets need

    return RemoteStore(root)


class Stores:
    """An `ObjectStore` over all data roots: that of the home, `root`, and those that the keys name. Each is opened on first use.

    Threads share it. Without `ownership` all roots may be written to.
    """

    def __init__(self, root: str, ownership: Ownership | None = None) -> None:
        self._root = root
        self._ownership = ownership
        self._opened: dict[str, ObjectStore] = {}
        self._claimed: set[str] = set()

    def put(self, key: str, data: bytes | memoryview) -> None:
        self.claim(key)
        root, rest = self._place(key)
        self._store(root).put(rest, data)

    def get(self, key: str) -> memoryview:
        root, rest = self._place(key)
        return self._store(root).get(rest)

    def get_range(self, key: str, start: int, length: int) -> memoryview:
        root, rest = self._place(key)
        return self._store(root).get_range(rest, start, length)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        root, rest = self._place(prefix)
        own_root = prefix.removesuffix(rest)
        return (replace(found, key=f'{own_root}{found.key}') for found in self._store(root).list(rest))

    def delete(self, *keys: str) -> None:
        places = [self._place(key) for key in keys]
        for root in dict.fromkeys(root for root, _ in places):
            self._checked(root).delete(*(rest for each, rest in places if each == root))

    def remove_unfinished(self, grace_seconds: float) -> int:
        """In the root of the home and in every other root that was used so far."""
        roots = [self._root, *(root for root in list(self._opened) if root != self._root)]
        return sum(self._checked(root).remove_unfinished(grace_seconds) for root in roots)

    def url(self, key: str) -> str:
        root, rest = self._place(key)
        return self._store(root).url(rest)

    def claim(self, key: str) -> None:
        """Sees to it, once, that the root of `key` belongs to the catalog. Raises like `Ownership.check`."""
        root, _ = self._place(key)
        if self._ownership is not None and root not in self._claimed:
            self._ownership.claim(root, self._store(root))
            self._claimed.add(root)

    def _checked(self, root: str) -> ObjectStore:
        """The store of a root from which something is to be removed."""
        store = self._store(root)
        if self._ownership is not None and root not in self._claimed and self._ownership.check(root, store):
            self._claimed.add(root)
        return store

    def _place(self, key: str) -> tuple[str, str]:
        """The root of an object, and its key there."""
        if '://' not in key:
            return self._root, key
        root, found, rest = key.rpartition(_OBJECTS)
        if not found:
            raise RequestError(ErrorCode.INVALID_PATH, f'{key!r} is not a key: it has no part {_OBJECTS!r}')
        return root, f'{_OBJECTS[1:]}{rest}'

    def _store(self, root: str) -> ObjectStore:
        store = self._opened.get(root)
        if store is None:  # two threads may open it twice, and one wins
            store = self._opened.setdefault(root, open_store(root))
        return store
