"""Cuts the power at every moment of an operation on a real home, and looks at what each possible disk makes of it.

An operation is run once, with all calls recorded. Before each sync, and at the end, `file_system` says what disks there may be.
Each disk is looked at in two steps, because there are thousands of them and few kinds:

1. SQLite recovers the catalog of each disk. Its integrity check must pass, and every object that the disk shows must be whole.
   What the catalog then says (all rows of all its tables), together with which objects are there, is the *kind* of the disk.
2. Of each kind, one disk is opened as a home. It must hold exactly what was acknowledged, or that and the operation under way;
   `verify` must find nothing wrong; the next operation must work.
"""

from __future__ import annotations

import copy
import hashlib
import random
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from file_system import Event, Fates, Model, Sync, SyncFolder, Tree
from homes import check, check_next, opened
from scenarios import Inserts
from watching import Watcher

from pixeltable.storage.objects.local import TEMPORARY_PREFIX

HOME = 'home'
DATABASE = f'{HOME}/catalog.db'
OBJECTS = f'{HOME}/data/'

CHECKED = 150
"""How many disks of an operation are looked at, unless all are asked for."""

Kind = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Moment:
    """A disk with events pending, and whether the operation was acknowledged by then."""

    model: Model
    acknowledged: bool


class Recorder(Watcher):
    """Keeps the disk up to date, and every moment after `start` that matters."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.disk = Model()
        self.moments: list[Moment] = []
        self.is_on = False

    def note(self, event: Event) -> None:
        with self.lock:
            if self.is_on and isinstance(event, Sync | SyncFolder):
                self._keep(acknowledged=False)
            self.disk.apply(event)

    def start(self) -> None:
        self.moments.clear()
        self.is_on = True

    def acknowledged(self) -> None:
        with self.lock:
            self.is_on = False
            self._keep(acknowledged=True)

    def _keep(self, *, acknowledged: bool) -> None:
        self.moments.append(Moment(copy.deepcopy(self.disk), acknowledged))


@dataclass(frozen=True, slots=True)
class Report:
    legal: int
    checked: int
    kinds: int

    def __str__(self) -> str:
        return f'{self.legal} disks, {self.checked} looked at, {self.kinds} kinds'


def record(recorder: Recorder, scenario: Inserts, number: int) -> None:
    scenario.prepare()
    for each in range(number):
        scenario.do(each)
    recorder.start()
    scenario.do(number)
    recorder.acknowledged()


def check_home(scenario: Inserts, number: int, home: Path, is_done: bool) -> None:
    """The home is sound, and goes on; operation `number` is in it, or may be."""
    with opened(home):
        reached = check(scenario, number + is_done, may_be_next=not is_done)
        check_next(scenario, reached)


class PowerLoss:
    """Looks at the disks of one recorded operation.

    `check_kind` opens a disk as a home, in which the operation must be, or may be. AssertionError if the home is not sound.
    """

    def __init__(self, recorder: Recorder, scratch: Path, check_kind: Callable[[Path, bool], None]) -> None:
        self._moments = recorder.moments
        self._scratch = scratch
        self._check_kind = check_kind
        end = self._moments[-1].model.now()
        self._whole = _objects(end)
        self._recovered = Recovery(scratch / 'catalog')
        self._done = self._recovered(end)
        self._kinds: set[Kind] = set()

    def run(self, seed: str, limit: int | None = CHECKED) -> Report:
        dice = random.Random(zlib.crc32(seed.encode()))
        possible = [list(dict.fromkeys(each.model.possible_fates())) for each in self._moments]
        legal = sum(len(each) for each in possible)
        if limit is not None and legal > limit:
            possible = [sample(each, dice, max(10, limit * len(each) // legal)) for each in possible]
        seen: set[bytes] = set()
        for moment, some in zip(self._moments, possible, strict=True):
            for fates in some:
                tree = moment.model.after(fates)
                digest = _digest_of_tree(tree, moment.acknowledged)
                if digest not in seen:
                    seen.add(digest)
                    self._look(tree, moment, fates)
        return Report(legal, len(seen), len(self._kinds))

    def _look(self, tree: Tree, moment: Moment, fates: Fates) -> None:
        try:
            kind = self._kind(tree)
            is_done = kind[0] == self._done
            assert is_done or not moment.acknowledged, 'what was acknowledged is lost'
            if kind not in self._kinds:
                self._kinds.add(kind)
                self._open(tree, is_done)
        except Exception as error:
            what = [f'{fate} {str(each.event)[:100]}' for each, fate in zip(moment.model.pending, fates, strict=True)]
            raise AssertionError('\n'.join([f'after a power loss: {error}', *what, *sorted(tree)])) from error

    def _kind(self, tree: Tree) -> Kind:
        objects = _objects(tree)
        for name, content in objects.items():
            assert self._whole.get(name, content) == content, f'object {name} is there, and not whole'
        return self._recovered(tree), frozenset(objects)

    def _open(self, tree: Tree, is_done: bool) -> None:
        root = self._scratch / 'root'
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        for path, content in sorted(tree.items()):
            if content is None:
                (root / path).mkdir()
            else:
                (root / path).write_bytes(content)
        self._check_kind(root / HOME, is_done)


class Recovery:
    """What SQLite makes of the catalog of a disk: a digest of all its rows, '' for none; AssertionError if it is damaged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[bytes | None, ...], str] = {}

    def __call__(self, tree: Tree) -> str:
        files = tuple(tree.get(f'{DATABASE}{suffix}') for suffix in ('', '-wal', '-journal'))
        if files not in self._known:
            self._known[files] = _recovered(self._folder, *files)
        return self._known[files]


def _recovered(folder: Path, database: bytes | None, log: bytes | None, journal: bytes | None) -> str:
    if database is None:
        return ''
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for suffix, content in (('', database), ('-wal', log), ('-journal', journal)):
        if content is not None:
            (folder / f'catalog.db{suffix}').write_bytes(content)
    connection = sqlite3.connect(folder / 'catalog.db', isolation_level=None)
    try:
        connection.execute('PRAGMA synchronous=OFF')
        assert connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)], 'the catalog is damaged'
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        rows = [(table, connection.execute(f'SELECT * FROM {table}').fetchall()) for (table,) in tables]
        return hashlib.sha256(repr(rows).encode()).hexdigest()
    finally:
        connection.close()


def sample(possible: list[Fates], dice: random.Random, count: int) -> list[Fates]:
    """Always with the two where everything pending is lost or kept."""
    return possible if len(possible) <= count else [possible[0], *dice.sample(possible[1:], count - 1)]


def _objects(tree: Tree) -> dict[str, bytes]:
    """The objects that a store shows."""
    return {
        path: content
        for path, content in tree.items()
        if content is not None and path.startswith(OBJECTS) and not path.rpartition('/')[2].startswith(TEMPORARY_PREFIX)
    }


def _digest_of_tree(tree: Tree, acknowledged: bool) -> bytes:
    digest = hashlib.sha256(str(acknowledged).encode())
    for path, content in sorted(tree.items()):
        digest.update(f'{path} {None if content is None else len(content)} '.encode())
        digest.update(content or b'')
    return digest.digest()
