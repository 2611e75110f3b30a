from __future__ import annotations

import datetime
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.default import session
from pixeltable.exec.ledger.keys import OF_FUNCTION
from pixeltable.exec.vectors import Vector
from pixeltable.exprs.build import literal
from pixeltable.udf.function import Function

SECRET = 'result nobody may see '


@pxt.udf
def summary(text: str, words: int = 3) -> str:
    return text


@pxt.udf
def plain(text: str) -> str:
    return text


@pxt.udf
def dated(day: datetime.datetime) -> str:
    return str(day)


@pytest.fixture
def catalog_url(either_catalog):
    return either_catalog


class Kept:
    """Results in the ledger, one for each text."""

    def __init__(self, function: Function, values: list[Any], **constants: Any) -> None:
        names = [function.signature.parameters[0].name, *constants]
        arguments = [Vector(values), *map(literal, constants.values())]
        self.keys = session().ledger.keys(function, names, arguments, range(len(values)))
        self._values = values
        self._type = function.signature.result
        self._run = session().engine.context.loop.run
        self._run(session().ledger.store({key: SECRET + key.hex() for key in self.keys}, self._type))

    def by_other_code(self) -> None:
        """The same calls, made by the function as it was before."""
        known = session().ledger.tally.described
        before = bytes(OF_FUNCTION)
        known[before] = known[self.keys[0][:OF_FUNCTION]]
        self.keys = [before + key[OF_FUNCTION:] for key in self.keys]
        self._run(session().ledger.store(dict.fromkeys(self.keys, SECRET), self._type))

    @property
    def left(self) -> list[Any]:
        found = self._run(session().ledger.find(self.keys, self._type))
        return [value for key, value in zip(self.keys, self._values, strict=True) if key in found]


@pytest.fixture
def t(home):
    t = pxt.create_table('t', {'n': pxt.Int, 's': pxt.String | None, 'day': pxt.Timestamp | None})
    t.insert([{'n': n, 's': f'text {n}'} for n in range(4)])
    return t


def test_results_of_purged_rows_go(t, home, catalog_url):
    t.add_computed_column(short=summary(t.s, 5))
    texts = [f'text {n}' for n in range(4)]
    kept, others = Kept(summary, texts, words=5), Kept(summary, texts)
    status = t.purge(where=t.n == 2)
    assert (status.rows, status.results) == (1, 1)
    assert kept.left == ['text 0', 'text 1', 'text 3']
    assert others.left == texts  # the results of other calls
    if catalog_url is None:
        content = b''.join(file.read_bytes() for file in home.glob('work.db*'))
        assert [key.hex().encode() in content for key in kept.keys] == [True, True, False, True]


def test_under_all_values_that_the_row_had(t):
    t.add_computed_column(short=summary(t.s))
    kept = Kept(summary, ['text 1', 'changed', 'text 2'])
    t.update({'s': 'changed'}, where=t.n == 1)
    t.delete(where=t.n == 1)
    assert t.purge(where=t.s == 'changed').results == 2
    assert kept.left == ['text 2']


def test_results_of_the_code_as_it_was(t):
    t.add_computed_column(short=summary(t.s))
    kept = Kept(summary, ['text 1', 'text 2'])
    kept.by_other_code()
    assert t.purge(where=t.n == 1).results == 2
    assert kept.left == ['text 2']


def test_what_an_expression_gives_is_computed_again(t):
    t.add_computed_column(short=summary(t.s.upper() + f'{t.n}!'))
    kept = Kept(summary, ['TEXT 11!', 'TEXT 22!'])
    assert t.purge(where=t.n == 1).results == 1
    assert kept.left == ['TEXT 22!']


def test_a_dropped_column_counts(t):
    t.add_computed_column(short=summary(t.s))
    t.drop_column('short')
    kept = Kept(summary, ['text 1', 'text 2'])
    assert t.purge(where=t.n == 1).results == 1
    assert kept.left == ['text 2']


def test_a_dropped_view_counts(t):
    pxt.create_view('v', t).add_computed_column(short=summary(t.s))
    pxt.drop_table('v')
    kept = Kept(summary, ['text 1', 'text 2'])
    t.purge(where=t.n == 1)
    assert kept.left == []  # what the base held then is not known


def test_all_go_where_the_calls_cannot_be_known(t):
    t.add_computed_column(nested=summary(plain(t.s)))
    t.add_computed_column(date=dated(t.day))
    nested, inner = Kept(summary, ['a', 'b']), Kept(plain, ['text 1', 'text 2'])
    dates = Kept(dated, [datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)])
    assert t.purge(where=t.n == 1).results == 4
    assert (nested.left, inner.left, dates.left) == ([], ['text 2'], [])


def test_all_go_of_a_function_that_is_gone(t, reopen, tmp_path, monkeypatch):
    (tmp_path / 'my_functions.py').write_text(
        'import pixeltable as pxt\n@pxt.udf\ndef summary(text: str) -> str:\n    return text\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import my_functions

    t.add_computed_column(short=my_functions.summary(t.s))
    kept = Kept(my_functions.summary, ['a', 'b'])
    (tmp_path / 'my_functions.py').write_text('')
    monkeypatch.delitem(__import__('sys').modules, 'my_functions')
    reopen()
    with pytest.warns(pxt.PixeltableWarning, match="column 'short' of 't' cannot be computed"):
        t = pxt.get_table('t')
    assert t.purge(where=t.n == 1).results == 2
    assert kept.left == []


def test_a_table_without_functions_leaves_the_ledger_alone(t):
    kept = Kept(summary, ['text 1'])
    assert t.purge(where=t.n == 1).results == 0
    assert kept.left == ['text 1']


def test_nothing_goes_if_no_row_does(t):
    t.add_computed_column(nested=summary(plain(t.s)))
    kept = Kept(summary, ['a'])
    assert t.purge(where=t.n == 4711).results == 0
    assert kept.left == ['a']
