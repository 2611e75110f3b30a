"""Functions as users write them: sync, async, batched, kept with the table, gone."""

from __future__ import annotations

import sys
import textwrap

import pytest

import pixeltable as pxt


def test_async(t) -> None:
    @pxt.udf
    async def slow(k: int) -> int:
        import asyncio

        await asyncio.sleep(0.05)
        return k + 1

    t.insert({'k': k, 's': 'x'} for k in range(5, 300))
    status = t.add_computed_column(x=slow(t.k))
    assert status.seconds < 3
    assert t.collect()['x'] == list(range(1, 301))


def test_batched(calls, t) -> None:
    path = calls.path

    @pxt.udf(batch_size=2)
    def total(k: pxt.Batch[int], *, plus: int) -> pxt.Batch[int]:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        return [each + plus for each in k]

    t.add_computed_column(x=total(t.k, plus=10))
    assert t.collect()['x'] == [10, 11, 12, 13, 14]
    assert calls.take() == ['[0, 1]', '[2, 3]', '[4]']
    assert t.select(y=total(7, plus=1)).limit(1).collect()['y'] == [8]


def test_one_bad_row_of_a_batch(t) -> None:
    @pxt.udf(batch_size=4)
    def picky(k: pxt.Batch[int]) -> pxt.Batch[int]:
        if 2 in k:
            raise ValueError('a two')
        return k

    with pytest.warns(pxt.PixeltableWarning, match='a two'):
        status = t.add_computed_column(x=picky(t.k))
    assert status.num_excs == 1
    assert t.collect()['x'] == [0, 1, None, 3, 4]


def test_null_skips_a_function_that_takes_none(calls, t) -> None:
    path = calls.path

    @pxt.udf
    def strict(f: float) -> float:
        with open(path, 'a') as log:
            log.write(f'{f}\n')
        return f

    @pxt.udf
    def lenient(f: float | None) -> str:
        return f'{f}'

    t.add_computed_column(a=strict(t.f))
    t.add_computed_column(b=lenient(t.f))
    assert (t.collect()['a'][4], t.collect()['b'][4]) == (None, 'None')
    assert len(calls.take()) == 4


def test_functions_use_their_helpers_after_reopening(t, reopen) -> None:
    offset = 100

    def helper(k: int) -> int:
        return k + offset

    @pxt.udf
    def shifted(k: int) -> int:
        return helper(k)

    t.add_computed_column(x=shifted(t.k))
    reopen()
    table = pxt.get_table('t')
    table.insert(k=5, s='x')
    assert table.tail(1)['x'] == [105]


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module on `sys.path` with `twice`, which can be edited: `module(text)` writes it and forgets the loaded one."""
    folder = tmp_path / 'importable'
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def write(text: str | None) -> None:
        sys.modules.pop('users_module', None)
        sys.path_importer_cache.clear()
        file = folder / 'users_module.py'
        if text is None:
            file.unlink()
        else:
            file.write_text(textwrap.dedent(text))

    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    write('import pixeltable as pxt\n\n@pxt.udf\ndef twice(k: int) -> int:\n    return k * 2\n')
    yield write
    sys.modules.pop('users_module', None)


def test_a_function_that_disappeared(t, module, reopen) -> None:
    import users_module

    t.add_computed_column(x=users_module.twice(t.k))
    t.add_computed_column(y=t.x + 1)
    module(None)
    reopen()
    with pytest.warns(pxt.PixeltableWarning, match="column 'x' of 't' cannot be computed"):
        table = pxt.get_table('t')
    assert table.select(table.x, table.y).tail(1) == [{'x': 8, 'y': 9}]
    assert 'users_module.twice' in repr(table)
    table.update({'f': 1.0})
    with pytest.raises(pxt.NotFoundError, match=r'users_module\.twice') as caught:
        table.insert(k=1, s='x')
    assert caught.value.error_code is pxt.ErrorCode.FUNCTION_NOT_FOUND
    assert table.count() == 5
    table.drop_column('y')
    table.drop_column('x')
    table.insert(k=1, s='x')
    assert table.count() == 6


def test_a_function_whose_signature_changed(t, module, reopen) -> None:
    import users_module

    t.add_computed_column(x=users_module.twice(t.k))
    module('import pixeltable as pxt\n\n@pxt.udf\ndef twice(text: str) -> int:\n    return 0\n')
    reopen()
    with pytest.warns(pxt.PixeltableWarning, match='signature has changed'):
        table = pxt.get_table('t')
    assert table.collect()['x'] == [0, 2, 4, 6, 8]
    with pytest.raises(pxt.NotFoundError, match='signature has changed'):
        table.insert(k=1, s='x')


def test_edited_code_is_used_from_then_on(t, module, reopen) -> None:
    import users_module

    t.add_computed_column(x=users_module.twice(t.k))
    module('import pixeltable as pxt\n\n@pxt.udf\ndef twice(k: int) -> int:\n    return k * 200\n')
    reopen()
    table = pxt.get_table('t')
    table.insert(k=1, s='x')
    assert table.collect()['x'] == [0, 2, 4, 6, 8, 200]
    table.recompute_columns('x')
    assert table.collect()['x'] == [0, 200, 400, 600, 800, 200]
