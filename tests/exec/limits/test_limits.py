from __future__ import annotations

import asyncio
import os
import time
from types import SimpleNamespace

import pytest

import pixeltable as pxt
from pixeltable.catalog.work.open import open_work
from pixeltable.catalog.work.pools import PoolTable
from pixeltable.config import limits as settings
from pixeltable.exec.limits.limits import Limits

POOLS = {'openai': {'concurrency': 8, 'retry': {'attempts': 9}}, 'openai:gpt-4o': {'requests_per_minute': 500}}


@pytest.fixture
def work(tmp_path):
    work = open_work(tmp_path, None)
    yield work
    work.close()


@pytest.fixture
def limits(work):
    limits = Limits(work, settings.pools(POOLS), {'max_wait': 7.0})
    yield limits
    limits.close()


@pxt.udf
async def chat(prompt: str, model: str = 'gpt-4o', tier: int | None = None) -> str:
    return prompt


def with_options(function=chat, **options):
    """The function as one that was declared with these options."""
    return SimpleNamespace(
        name=function.name,
        full_signature=function.full_signature,
        bound=function.bound,
        pool_rule=None,
        options=SimpleNamespace(**options),
    )


@pytest.mark.parametrize(
    ('template', 'given', 'name'),
    [
        ('openai', {}, 'openai'),
        ('openai:{model}', {'model': 'gpt-4.1'}, 'openai:gpt-4.1'),
        ('openai:{model}', {}, 'openai:gpt-4o'),  # its default
        ('openai:{tier}:{model}', {'tier': 3}, 'openai:3:gpt-4o'),
        ('openai:{prompt}', {}, 'openai'),  # another one in each row
        ('openai:{tier}', {}, 'openai'),
        ('{prompt}', {}, 'chat'),
    ],
)
def test_names_of_pools(limits, template, given, name) -> None:
    assert limits.pool_of(with_options(resource_pool=template), given).name == name


def test_constants_that_are_bound_count() -> None:
    bound = chat.using(model='gpt-5')
    assert dict(bound.bound) == {'model': 'gpt-5'}


def test_a_function_without_a_pool_has_none(limits) -> None:
    assert limits.pool_of(chat, {}) is None
    assert limits.pool_of(with_options(resource_pool=None), {}) is None


def test_a_parameter_that_there_is_not(limits) -> None:
    with pytest.raises(pxt.RequestError, match=r"chat\(\) has the resource pool 'x:{modell}'.* Did you mean 'model'"):
        limits.pool_of(with_options(resource_pool='x:{modell}'), {})


def test_one_pool_for_each_name(limits) -> None:
    assert limits.pool('openai') is limits.pool('openai')
    assert limits.pool('openai') is not limits.pool('openai:gpt-4o')


def test_settings_of_the_nearest_prefix(limits) -> None:
    assert limits.pool('openai:gpt-4o:batch').settings.requests_per_minute == 500
    assert limits.pool('openai:gpt-5').settings.concurrency == 8
    assert limits.pool('openai:gpt-4o').settings.concurrency is None
    assert limits.pool('anthropic').settings == settings.PoolSettings()


def test_the_policy_of_the_function_then_the_pool_then_the_configuration(limits) -> None:
    own = pxt.Retry(attempts=2)
    assert limits.retry_of(with_options(retry=own), limits.pool('openai')) == own
    assert limits.retry_of(chat, limits.pool('openai')) == pxt.Retry(attempts=9, max_wait=7)
    assert limits.retry_of(chat, limits.pool('anthropic')) == pxt.Retry(max_wait=7)
    assert limits.retry_of(chat, None) == pxt.Retry(max_wait=7)


async def answer():
    return 'answer'


def test_what_a_process_was_granted_is_free_when_it_closes(limits, work) -> None:
    def granted():
        return PoolTable(work).change('openai', lambda record, found: (record, found, [each.granted for each in found]))

    async def call():
        await limits.pool('openai').run(answer)
        return await asyncio.to_thread(granted)

    assert asyncio.run(call()) == [8]
    limits.close()
    assert granted() == []


def test_a_forked_child_has_pools_of_its_own(limits) -> None:
    asyncio.run(limits.pool('openai').run(answer))
    child = os.fork()
    if child == 0:
        began = time.monotonic()
        result = asyncio.run(limits.pool('openai').run(answer))
        os._exit(0 if result == 'answer' and time.monotonic() - began < 5 else 1)
    assert os.waitpid(child, 0)[1] == 0
