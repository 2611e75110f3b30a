import asyncio

import pytest
from ledger_calls import TEXT, Counted, call_all, key_of, shout

from pixeltable.errors import RequestError
from pixeltable.exec.ledger.reader import LedgerMiss
from pixeltable.types.column_type import INT


def test_a_call_is_made_once(ledger, loop):
    invoke = Counted()
    assert loop.run(call_all(ledger, shout, ['a', 'b', 'a'], invoke)) == ['A', 'B', 'A']
    assert loop.run(call_all(ledger, shout, ['b', 'c'], invoke)) == ['B', 'C']
    assert sorted(invoke.calls) == ['a', 'b', 'c']


def test_results_are_there_after_reopening(open_ledger, loop):
    loop.run(call_all(open_ledger(), shout, ['a'], Counted()))
    invoke = Counted()
    assert loop.run(call_all(open_ledger(), shout, ['a'], invoke)) == ['A']
    assert invoke.calls == []


def test_those_who_ask_at_once_share_a_call(ledger, loop):
    invoke = Counted()

    async def ask():
        return await asyncio.gather(*(call_all(ledger, shout, ['a', 'b'], invoke) for _ in range(20)))

    assert loop.run(ask()) == [['A', 'B']] * 20
    assert sorted(invoke.calls) == ['a', 'b']


def test_sessions_share_a_call(open_ledger, loop):
    invoke = Counted()

    async def ask():
        return await asyncio.gather(*(call_all(open_ledger(), shout, ['a', 'b'], invoke) for _ in range(3)))

    assert loop.run(ask()) == [['A', 'B']] * 3
    assert sorted(invoke.calls) == ['a', 'b']


def test_a_failure_lets_another_try(ledger, loop):
    keys = [key_of(ledger, 'a')]

    async def fail():
        assert (await ledger.claim(keys)).own == tuple(keys)
        assert (await ledger.claim(keys)).others == tuple(keys)
        waiting = asyncio.ensure_future(ledger.wait(keys[0], TEXT))
        await asyncio.sleep(0)
        await ledger.release(keys)
        with pytest.raises(LedgerMiss):
            await waiting
        return await ledger.claim(keys)

    assert loop.run(fail()).own == tuple(keys)


def test_a_failure_elsewhere_lets_another_try(open_ledger, loop):
    first, second = open_ledger(), open_ledger()
    keys = [key_of(first, 'a')]

    async def fail():
        await first.claim(keys)
        assert (await second.claim(keys)).others == tuple(keys)
        waiting = asyncio.ensure_future(second.wait(keys[0], TEXT))
        await asyncio.sleep(0.02)
        await first.release(keys)
        with pytest.raises(LedgerMiss):
            await waiting
        return await second.claim(keys)

    assert loop.run(fail()).own == tuple(keys)


def test_a_cancelled_claim_is_given_back(open_ledger, loop):
    first, second = open_ledger(), open_ledger()
    keys = [key_of(first, 'a')]

    async def cancel():
        claiming = asyncio.ensure_future(first.claim(keys))
        await asyncio.sleep(0)
        claiming.cancel()
        await asyncio.gather(claiming, return_exceptions=True)
        await first.release([])  # which is carried out after it
        return await second.claim(keys)

    assert loop.run(cancel()).own == tuple(keys)


def test_closing_ends_claims(open_ledger, loop):
    first, second = open_ledger(), open_ledger()
    keys = [key_of(first, 'a')]
    loop.run(first.claim(keys))
    first.close()
    assert loop.run(second.claim(keys)).own == tuple(keys)
    with pytest.raises(RequestError, match='closed'):
        loop.run(first.claim([key_of(first, 'b')]))


def test_what_was_stored_meanwhile_is_no_ones_call(open_ledger, loop):
    first, second = open_ledger(), open_ledger()
    key = key_of(first, 'a')
    loop.run(first.claim([key]))
    loop.run(first.store({key: 'A'}, TEXT))
    assert loop.run(second.claim([key])).others == (key,)
    assert loop.run(second.wait(key, TEXT)) == 'A'


def test_a_value_that_its_column_cannot_hold_is_not_kept(ledger, loop):
    key, other = key_of(ledger, 'a'), key_of(ledger, 'b')

    async def store():
        await ledger.claim([key, other])
        await ledger.store({key: 'text', other: 5}, INT)
        return await ledger.find([key, other], INT), (await ledger.claim([key])).own

    assert loop.run(store()) == ({other: 5}, (key,))


def test_null_is_a_result(ledger, loop):
    key = key_of(ledger, 'a')
    loop.run(ledger.store({key: None}, TEXT))
    assert loop.run(ledger.find([key], TEXT)) == {key: None}


def test_a_ledger_of_size_0_keeps_nothing_but_shares_calls(open_ledger, loop):
    ledger = open_ledger(0)
    invoke = Counted()

    async def ask():
        return await asyncio.gather(*(call_all(ledger, shout, ['a'], invoke) for _ in range(5)))

    assert loop.run(ask()) == [['A']] * 5
    assert invoke.calls == ['a']
    assert loop.run(ledger.find([key_of(ledger, 'a')], TEXT)) == {}


def test_many_callers_cost_few_commits(ledger, loop, monkeypatch):
    groups = []
    written = ledger._writer._written
    monkeypatch.setattr(ledger._writer, '_written', lambda *given: groups.append(1) or written(*given))
    texts = [f'text {number}' for number in range(512)]
    loop.run(call_all(ledger, shout, texts, Counted(), concurrency=512))
    assert len(groups) < 64


def test_keys_that_another_process_made(open_ledger, loop):
    key = key_of(open_ledger(), 'a')
    ledger = open_ledger()
    loop.run(ledger.claim([key]))
    loop.run(ledger.store({key: 'A'}, TEXT))
    assert loop.run(ledger.find([key], TEXT)) == {key: 'A'}
    assert [known.session.misses for known in ledger.upkeep.by_name().values()] == [1]
