from __future__ import annotations

import json
import pickle

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, error_class

CLASSES = {
    0: (pxt.InternalError, pxt.UserError),
    1: (pxt.NotFoundError,),
    2: (pxt.AlreadyExistsError,),
    3: (pxt.RequestError,),
    4: (pxt.AuthorizationError,),
    5: (pxt.ExternalServiceError,),
    6: (pxt.ServiceUnavailableError,),
    7: (pxt.ConcurrencyError,),
}
STATUS = {
    'INTERNAL_ERROR': 500, 'GENERIC_USER_ERROR': 400, 'COLUMN_NOT_FOUND': 404, 'PATH_ALREADY_EXISTS': 409,
    'INVALID_ARGUMENT': 422, 'UNSUPPORTED_OPERATION': 400, 'INVALID_STATE': 400, 'ALREADY_BOUND': 400, 'FILE_CACHE_FULL': 507,
    'INSUFFICIENT_PRIVILEGES': 403, 'PROVIDER_ERROR': 502, 'RATE_LIMITED': 429, 'PROVIDER_AUTH_ERROR': 401,
    'PROVIDER_BAD_REQUEST': 400, 'PROVIDER_TIMEOUT': 504, 'PROVIDER_OVERLOADED': 503, 'DATABASE_UNAVAILABLE': 503,
    'CONCURRENT_MODIFICATION': 409,
}  # fmt: skip
RETRYABLE = {
    'PROVIDER_ERROR', 'RATE_LIMITED', 'PROVIDER_TIMEOUT', 'PROVIDER_OVERLOADED', 'DATABASE_UNAVAILABLE', 'STORE_UNAVAILABLE',
    'SERIALIZATION_FAILURE', 'CONCURRENT_MODIFICATION',
}  # fmt: skip


@pytest.mark.parametrize('code', list(ErrorCode))
def test_a_code_decides_the_class_and_travels_as_json(code: ErrorCode) -> None:
    error = error_class(code)(code, 'what failed', retry_after=2.5, detail='more')
    assert type(error) in CLASSES[code // 1000]
    assert error.http_status == STATUS.get(code.name, error.http_status)
    assert error.is_retryable == (code.name in RETRYABLE)
    for back in (pxt.Error.from_dict(json.loads(json.dumps(error.to_dict()))), pickle.loads(pickle.dumps(error))):
        assert (type(back), back.error_code, str(back)) == (type(error), code, 'what failed')
        assert (back.retry_after, back.detail) == (2.5, 'more')


def test_what_is_known_of_a_provider() -> None:
    error = pxt.ExternalServiceError(ErrorCode.RATE_LIMITED, 'slow down').of('p', 429, 'limit')
    back = pxt.Error.from_dict(error.to_dict())
    assert isinstance(back, pxt.ExternalServiceError)
    assert (back.provider, back.provider_http_status_code, back.provider_error_code) == ('p', 429, 'limit')
    assert error.to_dict()['retryable'] is True


def test_codes_have_the_numbers_that_programs_know() -> None:
    numbers = {'PATH_NOT_FOUND': 1001, 'INDEX_ALREADY_EXISTS': 2002, 'TYPE_MISMATCH': 3008, 'UNSUPPORTED_OPERATION': 3010,
               'INVALID_CONFIGURATION': 3013, 'DESTRUCTIVE_SCHEMA_CHANGE': 3018, 'MISSING_CREDENTIALS': 4001,
               'PROVIDER_OVERLOADED': 5005, 'STORE_UNAVAILABLE': 6001, 'CONCURRENT_MODIFICATION': 7001}  # fmt: skip
    assert {name: int(ErrorCode[name]) for name in numbers} == numbers
