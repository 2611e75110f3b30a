"""The time that limits are counted in: seconds since 1970, which processes on one catalog agree on."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time and sleeps. With a `pace` of 20, a minute lasts three seconds: how tests count in minutes."""

    pace: float = 1.0

    def now(self) -> float:
        return time.time() * self.pace

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.pace)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Whether `event` came within `seconds`."""
        try:
            await asyncio.wait_for(event.wait(), max(seconds, 0.0) / self.pace)
        except TimeoutError:
            return False
        return True
