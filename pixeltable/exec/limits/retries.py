"""temporary"""

from __future__ import annotations

import asyncio
from typing import Any

from pixeltable.exec.limits.failures import may_pass
from pixeltable.udf.retry import Retry


async def with_retries(attempt: Any, policy: Retry, error: BaseException) -> Any:
    for number in range(1, policy.attempts):
        await asyncio.sleep(min(policy.max_wait, policy.first_wait * 2 ** (number - 1)))
        try:
            return await attempt()
        except Exception as raised:
            error = raised
            if not may_pass(raised):
                raise
    raise error
