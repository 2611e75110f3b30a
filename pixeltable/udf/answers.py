"""The answer of a provider that an error of its client library tells of.

Client libraries are not imported here, as most are not installed: their errors share attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pixeltable.udf.limit_headers import lowered

_NO_MONEY = 'insufficient_quota'  # OpenAI's


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an answer.

    Attributes:
        status: its HTTP status, if there was an answer.
        headers: with names in lower case.
        names: what the provider calls the error, the most telling first: OpenAI's `code` and `type`, Google's `status`,
            Anthropic's `error.type`, the `Code` of AWS.
    """

    status: int | None
    headers: dict[str, str]
    names: tuple[str, ...]

    @property
    def lacks_money(self) -> bool:
        """Whether the account has none: that comes as status 429, and does not pass."""
        return _NO_MONEY in self.names


def answer(error: BaseException) -> Answer:
    """The answer that `error` tells of."""
    response = attribute(error, 'response')
    names = [attribute(error, name) for name in ('code', 'type', 'status')]
    if isinstance(response, Mapping):  # botocore
        metadata, inner = response.get('ResponseMetadata') or {}, response.get('Error') or {}
        statuses, headers = [metadata.get('HTTPStatusCode')], metadata.get('HTTPHeaders')
        names.append(inner.get('Code'))
    else:
        body = attribute(error, 'body')
        inner = body.get('error', body) if isinstance(body, Mapping) else None
        names += [inner.get(name) for name in ('code', 'type')] if isinstance(inner, Mapping) else []
        statuses = [attribute(response, name) for name in ('status_code', 'status')]
        statuses += [attribute(error, name) for name in ('status_code', 'status', 'code')]
        headers = attribute(response, 'headers') or attribute(error, 'headers')
    status = next((int(each) for each in statuses if isinstance(each, int) and 400 <= each < 600), None)
    return Answer(status, lowered(headers), tuple(each for each in names if isinstance(each, str) and each))


def attribute(thing: Any, name: str) -> Any:
    """None also where a property raises: what it raises must not take the place of the error that is looked at."""
    with suppress(Exception):
        return getattr(thing, name, None)
    return None
