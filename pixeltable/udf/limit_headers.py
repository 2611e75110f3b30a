"""What the headers of a provider's answer say: how long to wait, and which limits there are.

`Retry-After` is RFC 9110's; `retry-after-ms` and `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` are OpenAI's, which many
others follow; `anthropic-ratelimit-{requests,tokens,…}-{limit,remaining,reset}` are Anthropic's. Names are in lower case here.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

Headers = Mapping[str, str]

_UNITS = {'d': 86400.0, 'h': 3600.0, 'm': 60.0, 's': 1.0, 'ms': 0.001}
_PART = r'(\d+(?:\.\d+)?)(ms|d|h|m|s)'
_FIRST_EPOCH = 1e8
"""A plain number from here on is a time since 1970, as no provider makes one wait for three years."""

_LONGEST_MINUTE = 61.0
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Learned:
    """The limits that an answer tells; None where it tells nothing.

    Attributes:
        requests: calls a minute.
        tokens: tokens a minute.
        requests_left: calls that may still be made now.
        tokens_left: tokens that may still be used now.
        used_up_for: seconds until a limit of an hour or a day that is used up begins anew.
    """

    requests: float | None = None
    tokens: float | None = None
    requests_left: float | None = None
    tokens_left: float | None = None
    used_up_for: float | None = None


def lowered(headers: Any) -> dict[str, str]:
    """The headers of an answer, in whatever mapping a client library keeps them; none if it is no mapping."""
    if not hasattr(headers, 'items'):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def seconds(text: str) -> float | None:
    """The seconds of `'1.5'`, `'120ms'`, `'6m0s'`, or until the time `'2030-01-01T00:00:00Z'`; None if it is none of these."""
    text = text.strip()
    number = _number(text)
    if number is not None:
        return max(number - time.time(), 0.0) if number >= _FIRST_EPOCH else number
    if re.fullmatch(f'(?:{_PART})+', text):
        return sum(float(amount) * _UNITS[unit] for amount, unit in re.findall(_PART, text))
    try:
        return _until(datetime.fromisoformat(text))
    except ValueError:
        return None


def retry_after(headers: Headers) -> float | None:
    """The seconds that `retry-after-ms` or `Retry-After` asks to wait."""
    milliseconds = _number(headers.get('retry-after-ms', ''))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get('retry-after', '')
    try:
        return seconds(text) if seconds(text) is not None else _until(parsedate_to_datetime(text))
    except ValueError:
        return None


def reset_after(headers: Headers) -> float | None:
    """The seconds until a used-up limit begins anew; if none says that it is used up, until the first of them does."""
    found = [
        (_field(headers, kind, 'remaining'), seconds(reset))
        for kind in ('requests', 'tokens', 'input-tokens', 'output-tokens')
        if (reset := _field(headers, kind, 'reset'))
    ]
    used_up = [reset for remaining, reset in found if reset is not None and _number(remaining) == 0]
    return max(used_up) if used_up else min((reset for _, reset in found if reset is not None), default=None)


def learned(headers: Headers) -> Learned | None:
    """The limits that `headers` tell, or None."""
    requests = _limit(headers, 'requests')
    tokens = _limit(headers, 'tokens') or _limit(headers, 'input-tokens')
    if requests is None and tokens is None:
        return None
    waits = [limit.used_up_for for limit in (requests, tokens) if limit is not None and limit.used_up_for is not None]
    return Learned(
        requests=requests.a_minute if requests else None,
        tokens=tokens.a_minute if tokens else None,
        requests_left=requests.left if requests else None,
        tokens_left=tokens.left if tokens else None,
        used_up_for=max(waits, default=None),
    )


@dataclass(frozen=True, slots=True)
class _Limit:
    a_minute: float | None = None
    left: float | None = None
    used_up_for: float | None = None


def _limit(headers: Headers, kind: str) -> _Limit | None:
    limit = _number(_field(headers, kind, 'limit'))
    if not limit:
        return None
    left = _number(_field(headers, kind, 'remaining'))
    reset = seconds(_field(headers, kind, 'reset'))
    if reset is None or reset <= _LONGEST_MINUTE:
        return _Limit(limit, left)
    # A limit of an hour or a day. Spread over it, calls would crawl while all of it is left: only its end stops them.
    return _Limit(used_up_for=min(reset, _DAY) if left == 0 else None)


def _field(headers: Headers, kind: str, what: str) -> str:
    return headers.get(f'x-ratelimit-{what}-{kind}') or headers.get(f'anthropic-ratelimit-{kind}-{what}') or ''


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def _until(moment: datetime) -> float:
    return max(moment.timestamp() - time.time(), 0.0)
