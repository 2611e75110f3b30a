import sqlite3

import pytest
from ledger_calls import TEXT, Counted, call_all, key_of, shout

from pixeltable.errors import ErrorCode, RequestError


@pytest.fixture
def catalog_url():
    """A file, which can be damaged."""


def test_a_damaged_result_is_computed_again(ledger, loop, folder):
    loop.run(call_all(ledger, shout, ['a', 'b'], Counted()))
    with sqlite3.connect(folder / 'work.db') as connection:
        connection.execute('UPDATE work_ledger SET value = zeroblob(length(value))')
    connection.close()
    invoke = Counted()
    assert loop.run(call_all(ledger, shout, ['a', 'b'], invoke)) == ['A', 'B']
    assert sorted(invoke.calls) == ['a', 'b']
    assert loop.run(call_all(ledger, shout, ['a', 'b'], invoke)) == ['A', 'B']
    assert len(invoke.calls) == 2


def test_a_database_that_cannot_be_used_is_said_to_all(ledger, loop, folder):
    (folder / 'work.db').write_bytes(b'hello, world' * 1000)
    key = key_of(ledger, 'a')
    for attempt in (ledger.find([key], TEXT), ledger.claim([key]), ledger.claim([key]), ledger.store({key: ''}, TEXT)):
        with pytest.raises(RequestError, match='may be deleted') as caught:
            loop.run(attempt)
        assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
