from __future__ import annotations

import pytest

import pixeltable as pxt


def test_a_policy_is_a_value() -> None:
    assert pxt.Retry() == pxt.Retry(attempts=5, max_seconds=600, first_wait=0.5, max_wait=60)


@pytest.mark.parametrize(
    'wrong', [{'attempts': 0}, {'attempts': 2.5}, {'max_seconds': -1}, {'first_wait': '1'}, {'max_wait': None}]
)
def test_what_is_no_policy_is_refused(wrong) -> None:
    with pytest.raises(pxt.RequestError, match=next(iter(wrong))) as caught:
        pxt.Retry(**wrong)
    assert caught.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT
