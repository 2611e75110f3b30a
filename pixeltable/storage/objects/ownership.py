"""Which catalog a data root belongs to: the objects `catalogs/<catalog id>` in it say so.

A vacuum takes every object that its catalog does not name for a leftover. So of two catalogs with one root each would remove the
files of the other, and a process with the wrong root would write where nobody looks. A marker is written before the first
object. That a store has no way to put an object only if there is none is why each catalog has a marker of its own: whoever has
written one looks for others afterwards, so that of two who come at once at least one sees the other and withdraws.
"""

from __future__ import annotations

import re
from typing import Protocol

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.objects import ObjectStore

MARKERS = 'catalogs/'
"""What the keys of markers begin with."""

_OBJECTS = 'tables/'
_ID = re.compile('[0-9a-f]{32}')


class Owner(Protocol):
    """What must be known of a catalog."""

    @property
    def id(self) -> str: ...

    def table_ids(self) -> set[str]:
        """The ids of all tables that there are or were."""

    def named_objects(self) -> set[str]:
        """The keys of all objects that some commit names."""


class Ownership:
    """The roots that belong to `owner`; `home` is the root of keys that name none."""

    def __init__(self, owner: Owner, home: str) -> None:
        self._owner = owner
        self._home = home

    def claim(self, root: str, store: ObjectStore) -> None:
        """Marks a root, before it is written to, as the catalog's. Raises like `check`."""
        if self.check(root, store):
            return
        store.put(self._marker, f'The files here belong to catalog {self._owner.id}.\n'.encode())
        try:
            self.check(root, store)
        except RequestError:  # another catalog came at the same moment
            store.delete(self._marker)
            raise

    def check(self, root: str, store: ObjectStore) -> bool:
        """Whether a root is marked as the catalog's. False means that it may be: it is empty, or has files of its tables only.

        Raises RequestError INVALID_CONFIGURATION if it belongs to another catalog, or is not the one that has the files.
        """
        found = {each.key.removeprefix(MARKERS) for each in store.list(MARKERS)}
        found = {each for each in found if _ID.fullmatch(each)}
        others = sorted(found - {self._owner.id})
        if others:
            raise self._refused(
                root,
                f'belongs to another catalog, {others[0]}. If that catalog is gone for good, delete {MARKERS}{others[0]} there',
            )
        if not found:
            self._check_unmarked(root, store)
        return bool(found)

    @property
    def _marker(self) -> str:
        return f'{MARKERS}{self._owner.id}'

    def _check_unmarked(self, root: str, store: ObjectStore) -> None:
        """Homes that were made before there were markers have files, and none."""
        known, is_empty = self._owner.table_ids(), True
        for each in store.list(_OBJECTS):
            if each.key.split('/')[1] not in known:
                if any(marker.key == self._marker for marker in store.list(MARKERS)):
                    return  # another thread or process of this catalog has just marked the root, and written to it
                raise self._refused(
                    root,
                    f'has files of tables that this catalog does not know, such as {each.key!r}, and no marker of this catalog. '
                    f'If they are of no use to anybody, delete them',
                )
            is_empty = False
        named = next((key for key in self._owner.named_objects() if self._is_in(root, key)), None) if is_empty else None
        if named is not None:
            raise self._refused(
                root,
                f'has none of the files of this catalog, such as {named!r}. If they are lost, put an empty file '
                f'{self._marker} there to go on, and call pxt.repair()',
            )

    def _is_in(self, root: str, key: str) -> bool:
        return key.startswith(f'{root}/') or (root == self._home and '://' not in key)

    def _refused(self, root: str, reason: str) -> RequestError:
        remedy = 'Set PIXELTABLE_DATA to the data root of this catalog' if root == self._home else 'Use another root'
        return RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f'The data root {root!r} cannot be written: it {reason}. {remedy}; two catalogs cannot share one.',
        )
