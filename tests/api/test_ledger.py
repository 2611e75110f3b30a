import datetime

import pytest

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.exec.vectors import Vector


@pxt.udf
def shout(text: str) -> str:
    return text.upper()


@pxt.udf
def whisper(text: str) -> str:
    return text.lower()


@pytest.fixture
def catalog_url(either_catalog):
    return either_catalog


@pytest.fixture
def kept(home):
    """Two results of `shout`, and one of `whisper`."""
    session = default.session()
    for function, texts in ((shout, ['a', 'b']), (whisper, ['a'])):
        keys = session.ledger.keys(function, ['text'], [Vector(texts)], range(len(texts)))
        loop, type_ = session.engine.context.loop, function.signature.result
        loop.run(session.ledger.claim(keys))
        loop.run(session.ledger.store(dict.fromkeys(keys, 'x'), type_))
        loop.run(session.ledger.find(keys[:1], type_))


def test_an_empty_ledger(home):
    assert pxt.ledger.stats().functions == {}
    assert repr(pxt.ledger.stats()) == '0 results in 0 of 2,147,483,648 bytes'


def test_what_the_ledger_holds(kept):
    stats = pxt.ledger.stats()
    shouted, whispered = (stats.functions[f'{function.module}.{function.qualname}'] for function in (shout, whisper))
    assert (shouted.entries, shouted.hits, shouted.misses) == (2, 1, 2)
    assert (whispered.entries, whispered.all_hits, whispered.all_misses) == (1, 1, 1)
    assert stats.total.entries == 3
    assert stats.total.bytes == shouted.bytes + whispered.bytes


def test_it_prints_as_a_table(kept, monkeypatch):
    monkeypatch.setenv('COLUMNS', '100')
    first, head, *rows = repr(pxt.ledger.stats()).splitlines()
    assert first.startswith('3 results in ')
    assert head.split() == ['function', 'entries', 'bytes', 'hits', 'misses', 'all_hits', 'all_misses']
    assert sum('shout' in row or 'whisper' in row for row in rows) == 2


def test_counts_go_on_in_the_next_session(kept, reopen):
    reopen()
    total = pxt.ledger.stats().total
    assert (total.entries, total.hits, total.misses, total.all_hits, total.all_misses) == (3, 0, 0, 2, 3)


@pytest.mark.parametrize(('function', 'removed'), [(None, 3), (shout, 2), ('whisper', 1), (shout.qualname, 2)])
def test_clear(kept, function, removed):
    assert pxt.ledger.clear(function) == removed
    assert pxt.ledger.stats().total.entries == 3 - removed
    assert pxt.ledger.clear(function) == 0


def test_clear_by_age(kept):
    assert pxt.ledger.clear(older_than=datetime.timedelta(hours=1)) == 0
    assert pxt.ledger.clear(older_than=datetime.timedelta()) == 3


def test_clear_of_what_was_never_kept(kept, home):
    @pxt.udf
    def other(text: str) -> str:
        return text

    assert pxt.ledger.clear(other) == 0
    with pytest.raises(NotFoundError, match="no function 'whispr'") as caught:
        pxt.ledger.clear('whispr')
    assert caught.value.error_code is ErrorCode.FUNCTION_NOT_FOUND


@pytest.mark.parametrize('arguments', [{'function': 5}, {'older_than': 5}, {'older_than': datetime.timedelta(-1)}])
def test_clear_refuses(kept, arguments):
    with pytest.raises(RequestError, match=next(iter(arguments))) as caught:
        pxt.ledger.clear(**arguments)
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
