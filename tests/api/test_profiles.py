from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable._support.logs import HomeLog
from pixeltable.errors import ErrorCode


@pxt.udf
def double(x: int) -> int:
    return 2 * x


@pxt.udf(batch_size=2)
def negated(x: pxt.Batch[int]) -> pxt.Batch[int]:
    return [-each for each in x]


def test_the_last_operation_in_parts(t) -> None:
    t.add_computed_column(d=double(t.k))
    t.add_computed_column(n=negated(t.k))
    t.insert({'k': k, 's': 'x'} for k in range(6))
    profile = t.last_profile()
    entries = {entry.name: entry for entry in profile}
    assert profile.operation == "insert into 't'"
    assert (entries['double()'].calls, entries['double()'].rows) == (6, 6)
    assert (entries['negated()'].calls, entries['negated()'].rows) == (3, 6)
    assert {'decode', 'encode', 'write', 'commit'} <= set(entries)
    assert 0 < entries['commit'].own < profile.seconds
    assert next(iter(entries)).endswith('()')


def test_queries_have_profiles(t) -> None:
    t.where(t.k + 1 > 1).select(double(t.k)).collect()
    profile = t.last_profile()
    assert profile.operation == "collect of 't'"
    assert {'double()', 'read', 'sql'} <= {entry.name for entry in profile}


def test_it_prints_as_a_table(t) -> None:
    t.insert(k=9, s='x')
    lines = repr(t.last_profile()).splitlines()
    assert lines[0].startswith("insert into 't': 0.")
    assert lines[1].split() == ['calls', 'rows', 'own', 'rows/s']
    assert [line.split()[0] for line in lines[3:]] == ['write', 'commit']
    assert '<table' in t.last_profile()._repr_html_()


def test_print_stats(t, capsys) -> None:
    t.add_computed_column(d=double(t.k), print_stats=True)
    t.insert([{'k': 9, 's': 'x'}], print_stats=True)
    t.update({'s': 'y'}, where=t.k == 1, print_stats=True)
    t.recompute_columns(t.d, print_stats=True)
    printed = capsys.readouterr().out
    for title in ("add column 'd' to 't': ", "insert into 't': ", "update of 't': ", "recompute of 't': "):
        assert title in printed
    assert printed.count('double()') == 3


def test_no_operation_no_profile(t, reopen) -> None:
    reopen()
    with pytest.raises(pxt.RequestError) as caught:
        pxt.get_table('t').last_profile()
    assert caught.value.error_code is ErrorCode.INVALID_STATE


def test_the_log_of_the_home_tells_of_operations(home, request) -> None:
    request.addfinalizer(HomeLog(home / 'logs', 'INFO').close)
    t = pxt.create_table('t', {'k': pxt.Int})
    t.insert([{'k': k} for k in range(5)])

    @pxt.udf
    def fails(x: int) -> int:
        raise ValueError('refused: api_key=abcdefghijkl')

    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(e=fails(t.k))
    log = (home / 'logs' / 'pixeltable.log').read_text()
    assert "insert into 't': " in log
    assert "column 'e', row 0: ValueError: refused: api_key=***" in log
    assert 'errors 5' in log
