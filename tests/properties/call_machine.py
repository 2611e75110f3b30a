"""A table whose computed columns call functions that count their calls, and its model, which says how many there must be."""

from __future__ import annotations

import copy
import importlib
import linecache
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from other_process import begun

import pixeltable as pxt
from pixeltable.session import Session

UNLUCKY, FLAKY = 3, 4
"""What always fails, and what fails for the moment each other time."""

CODE = """
import sys
import pixeltable as pxt

FACTOR = {factor}

@pxt.udf(cache=True, retry=pxt.Retry(attempts=20, first_wait=0))
def paid(v: int) -> int:
    return sys.modules['call_machine'].made('paid', v, FACTOR)

@pxt.udf(retry=pxt.Retry(attempts=20, first_wait=0))
def plain(v: int) -> int:
    return sys.modules['call_machine'].made('plain', v, FACTOR)
"""

calls: Counter[str] = Counter()
"""Calls that were answered, one way or the other, by function; and the others as `'flaky'`."""
_flaky: set[tuple[str, int]] = set()


def made(name: str, v: int, factor: int) -> int:
    """What both functions do."""
    if v % 10 == FLAKY and (name, v) not in _flaky:
        _flaky.add((name, v))
        calls['flaky'] += 1
        raise ConnectionError('for the moment')
    _flaky.discard((name, v))
    calls[name] += 1
    if v % 10 == UNLUCKY:
        raise ValueError('unlucky')
    return v * factor


@dataclass(frozen=True)
class Cell:
    """A computed cell: its value, or the name of its error, and the code that made it."""

    value: int | None
    error: str | None
    factor: int


@dataclass
class State:
    """One version of the table: `v` and the computed cells of each row, by its key, and the computed columns that there are."""

    rows: dict[int, dict[str, int | Cell | None]] = field(default_factory=dict)
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By name: the function, and the column that it is given."""


class Model:
    """All versions, the code in force, and the results that have been paid for."""

    def __init__(self) -> None:
        self.versions = {0: State()}
        self.factor = 10
        self.ledger: set[tuple[int, int]] = set()

    @property
    def now(self) -> State:
        return self.versions[max(self.versions)]

    def begin(self) -> State:
        """A copy of the current state, which becomes the next version when it is `done`."""
        return copy.deepcopy(self.now)

    def compute(self, state: State, keys: Iterable[int], names: Iterable[str]) -> Counter[str]:
        """Computes cells anew, in the order of `names`; the least number of calls by which that can be done."""
        keys, least = list(keys), Counter[str]()
        for name in names:
            function, source = state.columns[name]
            asked = [v for key in keys if (v := self._compute(state.rows[key], name, source)) is not None]
            unpaid = {v for v in asked if (v, self.factor) not in self.ledger}
            least[function] += len(asked) if function == 'plain' else len(unpaid)
            if function == 'paid':
                self.ledger |= {(v, self.factor) for v in unpaid if v % 10 != UNLUCKY}
        return least

    def _compute(self, row: dict[str, int | Cell | None], name: str, source: str) -> int | None:
        """Computes one cell; what its function has to be asked, if it has to."""
        given = row[source]
        error = given.error if isinstance(given, Cell) else None
        v = given.value if isinstance(given, Cell) else given
        if error is not None or v is None:
            row[name] = Cell(None, 'InputError' if error else None, self.factor)
            return None
        row[name] = (
            Cell(None, 'ValueError', self.factor) if v % 10 == UNLUCKY else Cell(v * self.factor, None, self.factor)
        )
        return v


class CallMachine(RuleBasedStateMachine):
    """The table, and the comparison with the model after each step."""

    session: Session | None = None

    @initialize()
    def create(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        sys.path.insert(0, str(self.folder))
        sys.modules.setdefault('call_machine', sys.modules[__name__])
        calls.clear()
        _flaky.clear()
        self.model = Model()
        self.module: ModuleType | None = None
        self.edit(10)
        self.t = pxt.create_table('t', {'k': pxt.Int, 'v': pxt.Int | None, 's': pxt.String | None})
        for name, function, source in (('x', 'paid', 'v'), ('y', 'plain', 'v'), ('z', 'paid', 'y')):
            self.add(name, function, source)

    def add(self, name: str, function: str, source: str) -> None:
        """Adds a computed column."""
        state = self.model.begin()
        state.columns[name] = function, source
        least = self.model.compute(state, state.rows, [name])
        expression = getattr(self.module, function)(self.t[source])
        with self.least(least):
            self.t.add_computed_column(**{name: expression})
        self.done(state)

    def done(self, state: State) -> None:
        """The table is now like this; a job has made versions of its own on the way."""
        self.model.versions[self.t.get_versions(1)[0]['version']] = state

    def edit(self, factor: int) -> None:
        """Changes the code; another process begins with it."""
        self.model.factor = factor
        file = self.folder / 'billed.py'
        file.write_text(CODE.format(factor=factor))
        linecache.checkcache(str(file))
        importlib.invalidate_caches()
        sys.modules.pop('billed', None)
        shutil.rmtree(self.folder / '__pycache__', ignore_errors=True)
        self.module = importlib.import_module('billed')
        self.reopen()

    def reopen(self) -> None:
        """Goes on in what is to the store another process."""
        self.session = begun(self.folder / 'home', self.session)
        if hasattr(self, 't'):
            self.t = pxt.get_table('t')

    def teardown(self) -> None:
        if self.session is not None:
            self.session.close()
            sys.path.remove(str(self.folder))
            sys.modules.pop('billed', None)
            shutil.rmtree(self.folder)

    def least(self, wanted: Counter[str]) -> _Exactly:
        """The block makes so many calls, and no more."""
        return _Exactly(wanted)

    @invariant()
    def is_as_the_model(self) -> None:
        if self.session is None or not hasattr(self, 't'):
            return
        state = self.model.now
        with self.least(Counter()):
            names = list(state.columns)
            errors = {f'{name}_error': self.t[name].errortype for name in names}
            rows = list(self.t.select(self.t.k, self.t.v, *(self.t[name] for name in names), **errors).collect())
            stale = {row['column']: row['cells'] for row in self.t.stale() if row['reason'] == 'dependency'}
        assert {row['k']: row['v'] for row in rows} == {key: row['v'] for key, row in state.rows.items()}
        for row in rows:
            for name in names:
                cell = state.rows[row['k']][name]
                assert isinstance(cell, Cell)
                assert (row[name], row[f'{name}_error']) == (cell.value, cell.error), (name, row)
        wanted = Counter(
            name
            for row in state.rows.values()
            for name in names
            if isinstance(cell := row[name], Cell) and cell.factor != self.model.factor
        )
        assert stale == dict(wanted)


class _Exactly:
    def __init__(self, wanted: Counter[str]) -> None:
        self._wanted = wanted

    def __enter__(self) -> None:
        self._before = calls.copy()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            new = {name: calls[name] - self._before[name] for name in ('paid', 'plain')}
            assert new == {name: self._wanted[name] for name in ('paid', 'plain')}
