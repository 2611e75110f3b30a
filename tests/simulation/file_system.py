"""A file system as a power loss finds it: what is sure to be there, and what may be there or not.

`Model` takes the events of a program's log. A sync makes earlier writes of one file, or earlier names of one folder, durable;
all else is *pending*. After a power loss, each pending event may have reached the disk or not, alone and in any order, as far as
POSIX promises anything:

- a write may be lost or kept; kept in part, from the front or from the back, in whole sectors; its place may be there and hold
  zeros, or its last sectors garbage. Bytes outside of its range do not change. (SQLite builds on that, too.)
- a name that was made, changed or removed may be lost or kept. A rename is one step.
- to sync a file says nothing of its name, and to sync a folder nothing of the content of its files.
- after a sync that failed, the system may take what was to be written for written: no later sync makes it durable.

A state at an earlier point of the log is one at a later point with the rest lost, until the next sync takes something out of
the pending events. So it is enough to look just before each sync, and at the end: that covers every prefix of the log.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

SECTOR = 512
EXHAUSTIVE = 4096
"""Up to so many combinations, all are made; of more, those that `_structured` describes."""
RANDOM = 200

FOLDER = -1
"""Stands for the content of a folder."""

Tree = dict[str, bytes | None]
"""Content by path; None for a folder."""


@dataclass(frozen=True, slots=True)
class Write:
    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Link:
    """A name comes: of a new file, or of a folder."""

    path: str
    inode: int


@dataclass(frozen=True, slots=True)
class Rename:
    source: str
    target: str
    inode: int


@dataclass(frozen=True, slots=True)
class Unlink:
    path: str


@dataclass(frozen=True, slots=True)
class Sync:
    inode: int


@dataclass(frozen=True, slots=True)
class FailedSync:
    inode: int


@dataclass(frozen=True, slots=True)
class SyncFolder:
    path: str


Event = Write | Truncate | Link | Rename | Unlink | Sync | FailedSync | SyncFolder

LOST, KEPT = ('lost', 0), ('kept', 0)
Fate = tuple[str, int]
"""What became of a pending event; the number says in which sector a write was cut."""

Fates = tuple[Fate, ...]


def fates_of(event: Event) -> list[Fate]:
    """All that may become of one event, 'lost' and 'kept' first."""
    if not isinstance(event, Write):
        return [LOST, KEPT]
    count = _sectors(event)
    cuts = [1, count // 2, count - 1] if count > 16 else range(1, count)
    torn = [(how, cut) for cut in cuts for how in ('front', 'back', 'garbage')]
    return [LOST, KEPT, ('zeros', 0), ('garbage', 0), *torn]


def _sectors(event: Write) -> int:
    return (event.offset % SECTOR + len(event.data) + SECTOR - 1) // SECTOR


def _written(content: bytearray, event: Write, fate: Fate) -> None:
    how, cut = fate
    data, start, end = event.data, event.offset, event.offset + len(event.data)
    border = max(0, (start // SECTOR + cut) * SECTOR - start)
    if how == 'back':
        data, start = data[border:], start + border
    elif how == 'front':
        data, end = data[:border], start + border
    elif how == 'zeros':
        data = bytes(len(data))
    elif how == 'garbage':
        data = data[:border] + b'\xa5' * (len(data) - border)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[start:end] = data


@dataclass(slots=True, eq=False)
class Pending:
    """An event that may be lost; if it is `doomed`, whatever comes. One that is `sure` waits for an older, doomed one."""

    event: Event
    is_doomed: bool = False
    is_sure: bool = False

    def fates(self) -> list[Fate]:
        return [KEPT] if self.is_sure else fates_of(self.event)

    def writes_to(self, inode: int) -> bool:
        return isinstance(self.event, Write | Truncate) and self.event.inode == inode


@dataclass
class Model:
    """The disk. `names` and `contents` are durable, `pending` is not yet."""

    names: dict[str, int] = field(default_factory=dict)
    contents: dict[int, bytearray] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)

    def apply(self, event: Event) -> None:
        match event:
            case Sync():
                self._settle([each for each in self.pending if each.writes_to(event.inode)])
            case SyncFolder():
                self._settle([each for each in self.pending if _folder_of(each.event) == event.path])
            case FailedSync():
                for each in self.pending:
                    each.is_doomed |= each.writes_to(event.inode) and not each.is_sure
            case _:
                self.pending.append(Pending(event))

    def _settle(self, found: list[Pending]) -> None:
        if any(each.is_doomed for each in found):
            for each in found:
                each.is_sure = not each.is_doomed
            return
        for each in found:
            _apply(self.names, self.contents, each.event, KEPT)
            self.pending.remove(each)

    def now(self) -> Tree:
        """What programs see while there is power."""
        return self.after([KEPT] * len(self.pending))

    def after(self, fates: Fates | list[Fate]) -> Tree:
        """What a power loss leaves, if that became of the pending events."""
        kept = [(each.event, fate) for each, fate in zip(self.pending, fates, strict=True) if fate != LOST]
        changed = {event.inode for event, _ in kept if isinstance(event, Write | Truncate)}
        contents = self.contents | {inode: bytearray(self.contents.get(inode, b'')) for inode in changed}
        names = dict(self.names)
        for event, fate in kept:
            _apply(names, contents, event, fate)
        found = {path: None if inode == FOLDER else bytes(contents.get(inode, b'')) for path, inode in names.items()}
        return {path: content for path, content in found.items() if _is_reachable(path, found)}

    def possible_fates(self, seed: int = 0) -> Iterator[Fates]:
        """What may become of the pending events together: every combination if they are few. May give the same twice."""
        options = [each.fates() for each in self.pending]
        count = math.prod(map(len, options))
        return product(*options) if count <= EXHAUSTIVE else _structured(options, random.Random(seed))


def _is_reachable(path: str, found: Tree) -> bool:
    parent = path.rpartition('/')[0]
    return not parent or (parent in found and _is_reachable(parent, found))


def _folder_of(event: Event) -> str | None:
    path = event.path if isinstance(event, Link | Unlink) else event.target if isinstance(event, Rename) else None
    return None if path is None else path.rpartition('/')[0]


def _apply(names: dict[str, int], contents: dict[int, bytearray], event: Event, fate: Fate) -> None:
    match event:
        case Write():
            _written(contents.setdefault(event.inode, bytearray()), event, fate)
        case Truncate():
            content = contents.setdefault(event.inode, bytearray())
            del content[event.size :]
            content.extend(bytes(event.size - len(content)))
        case Link():
            names[event.path] = event.inode
        case Rename():
            names.pop(event.source, None)
            names[event.target] = event.inode
        case Unlink():
            names.pop(event.path, None)


def _structured(options: list[list[Fate]], dice: random.Random) -> Iterator[Fates]:
    """All or nothing; a front part of the events, the last of them in any way; all but one, or one alone, in any way; any mix."""
    kept = [KEPT] * len(options)
    lost = [each[0] for each in options]
    yield tuple(lost)
    yield tuple(kept)
    for i, each in enumerate(options):
        for fate in each:
            yield (*kept[:i], fate, *lost[i + 1 :])
            yield (*lost[:i], fate, *lost[i + 1 :])
            yield (*kept[:i], fate, *kept[i + 1 :])
    for _ in range(RANDOM):
        chance = dice.random()
        yield tuple(KEPT if dice.random() < chance else dice.choice(each) for each in options)
