"""What the end of a call tells about its pool: the tokens that it used, the limits in its headers, and whether it was refused."""

from __future__ import annotations

from pixeltable.exec.limits.failures import Failure, FailureKind
from pixeltable.exec.limits.pacing import Permit
from pixeltable.exec.limits.shared import News
from pixeltable.udf import limit_headers as headers
from pixeltable.udf.reporting import Report


def note_success(news: News, report: Report, tokens: int, permit: Permit, begun: float) -> None:
    """After a call that was taken to use `tokens`, or that of its permit, and reported what it did use."""
    used = report.input_tokens + report.output_tokens or tokens
    news.succeeded.append(begun)
    news.used += used
    news.excess += used - permit.tokens
    if report.headers:
        _learn(news, report.headers[-1])


def note_failure(news: News, failure: Failure, report: Report, permit: Permit, begun: float) -> None:
    """After a call that raised an error."""
    _learn(news, failure.headers or (report.headers[-1] if report.headers else {}))
    if failure.kind is FailureKind.RATE_LIMITED:
        news.excess -= permit.tokens  # a call that was refused used none
        news.refused.append((begun, failure.retry_after))
        return
    if failure.status is not None:
        news.succeeded.append(begun)  # as far as limits are concerned: it was answered
        news.used += permit.tokens
    used = report.input_tokens + report.output_tokens
    news.excess += used - permit.tokens if used else 0.0


def _learn(news: News, fields: headers.Headers) -> None:
    news.learned = headers.learned(fields) or news.learned
