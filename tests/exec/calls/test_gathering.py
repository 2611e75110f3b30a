"""Batches reach over the pieces of an operation, and are full."""

from __future__ import annotations

import weakref

import pytest

import pixeltable as pxt


@pytest.fixture
def sizes() -> list[int]:
    return []


def test_batches_are_full_over_all_pieces(in_pieces, sizes) -> None:
    @pxt.udf(batch_size=10)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        return [each + 1 for each in x]

    pieces = [list(range(start, start + 7)) for start in range(0, 70, 7)]
    found = in_pieces(f, *pieces)
    assert [vector.values for vector in found] == [[each + 1 for each in piece] for piece in pieces]
    assert sorted(sizes) == [10] * 7


def test_the_last_rows_do_not_wait(in_pieces, sizes) -> None:
    @pxt.udf(batch_size=100)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        return x

    assert in_pieces(f, [1, 2, 3])[0].values == [1, 2, 3]
    assert sizes == [3]


def test_a_piece_without_rows_holds_up_nobody(in_pieces, sizes) -> None:
    @pxt.udf(batch_size=4)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        return x

    found = in_pieces(f, [1], [None, None], [2, 3])
    assert [vector.values for vector in found] == [[1], [None, None], [2, 3]]
    assert sizes == [3]


def test_a_batch_that_needs_too_much_memory_makes_the_next_ones_smaller(run, sizes) -> None:
    @pxt.udf(batch_size=16)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        if len(x) > 4:
            raise MemoryError
        return x

    assert run(f, list(range(64))).values == list(range(64))
    assert sizes.count(16) <= 3
    assert max(sizes[-8:]) == 4


def test_what_a_batch_held_that_needed_too_much_memory_is_free_for_the_next_one(run) -> None:
    class Tensor:
        """Only weak references to it are kept here."""

    alive = weakref.WeakSet[Tensor]()
    seen: list[int] = []

    @pxt.udf(batch_size=8)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        seen.append(len(alive))
        tensor = Tensor()
        alive.add(tensor)
        if len(x) > 1 or x[0] == 3:
            raise RuntimeError(f'CUDA out of memory: {id(tensor)}')
        return x

    assert list(run(f, list(range(8))).errors) == [3]
    assert (len(seen), max(seen)) == (15, 0)


def test_a_server_that_fails_is_not_asked_for_each_row(run, sizes) -> None:
    @pxt.udf(batch_size=16, retry=pxt.Retry(attempts=2, first_wait=0.01))
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        raise ConnectionError('down')

    assert len(run(f, list(range(16))).errors) == 16
    assert sizes == [16, 16]


def test_async_batches(in_pieces) -> None:
    @pxt.udf(batch_size=3)
    async def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        return [each * 2 for each in x]

    assert [vector.values for vector in in_pieces(f, [1, 2], [3, 4], [5])] == [[2, 4], [6, 8], [10]]


def test_each_bad_row_stands_alone_over_pieces(in_pieces) -> None:
    @pxt.udf(batch_size=8)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        if 3 in x or 9 in x:
            raise ValueError('no')
        return x

    found = in_pieces(f, list(range(5)), list(range(5, 12)))
    assert [list(vector.errors) for vector in found] == [[3], [4]]


class Refused(Exception):
    status_code = 400


def test_a_row_that_a_provider_refuses_stands_alone(in_pieces, sizes) -> None:
    @pxt.udf(batch_size=8)
    async def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        if 3 in x or 9 in x:
            raise Refused('no')
        return x

    found = in_pieces(f, list(range(5)), list(range(5, 12)))
    assert [list(vector.errors) for vector in found] == [[3], [4]]
    assert sizes.count(1) <= 4


def test_a_provider_that_refuses_all_is_not_asked_for_each_row(run, sizes) -> None:
    @pxt.udf(batch_size=16)
    async def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        raise Refused('no such model')

    assert len(run(f, list(range(160))).errors) == 160
    assert sizes.count(1) <= 13
    assert len(sizes) < 60
