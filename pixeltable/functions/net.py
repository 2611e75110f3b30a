"""Functions over URLs."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.udf.decorators import udf

_BUCKETS = ('s3', 'gs', 'az', 'azure', 'abfs', 'abfss', 'wasb', 'wasbs', 'adl')
_MAX_SECONDS = 7 * 24 * 3600
"""No provider signs for longer than a week."""


@udf(is_deterministic=False)
def presigned_url(uri: str, expiration_seconds: int) -> str:
    """A link to an object in a bucket, which anybody can read for `expiration_seconds`, at most a week.

    `uri` is an `s3://`, `gs://` or Azure URL; credentials are those of the environment. An `http://` or `https://` URL is given
    back as it is. Another URL, and one that cannot be signed, is an error of its cell, INVALID_ARGUMENT.
    """
    parts = urlsplit(uri)
    if parts.scheme in ('http', 'https'):
        return uri
    if parts.scheme not in _BUCKETS or not parts.netloc or not parts.path.strip('/'):
        raise _refusal(f'needs the URL of an object in a bucket, such as s3://bucket/a.jpg, not {uri!r}')
    if not 0 < expiration_seconds <= _MAX_SECONDS:
        raise _refusal(f'needs from 1 to {_MAX_SECONDS} seconds, not {expiration_seconds}')
    import obstore
    from obstore.store import from_url

    try:
        store = from_url(f'{parts.scheme}://{parts.netloc}')
        expires = datetime.timedelta(seconds=expiration_seconds)
        return str(obstore.sign(store, 'GET', parts.path.lstrip('/'), expires))  # type: ignore[call-overload]
    except Exception as error:  # obstore's own: no credentials, a bucket that does not exist
        raise _refusal(f'cannot sign {uri!r}: {error}') from error


def _refusal(reason: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_ARGUMENT, f'presigned_url() {reason}.')
