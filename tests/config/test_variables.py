"""Values that the environment says: `pxt.ConfigVar`."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt


def test_its_value_is_that_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    place = pxt.ConfigVar('media_dest', pxt.URI)
    assert (str(place), repr(place), place.env_var) == (
        '$media_dest',
        "ConfigVar('media_dest', URI)",
        'PIXELTABLE_VAR_MEDIA_DEST',
    )
    for text in ('/srv/media', 's3://bucket/prefix'):
        monkeypatch.setenv('PIXELTABLE_VAR_MEDIA_DEST', text)
        assert place.value() == text
        assert isinstance(place.value(), pxt.URI)
    monkeypatch.setenv('PIXELTABLE_VAR_WHO', 'anybody')
    assert pxt.ConfigVar('who', str).value() == 'anybody'


@pytest.mark.parametrize('text', ['', None])
def test_nothing_said(text: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if text is not None:
        monkeypatch.setenv('PIXELTABLE_VAR_PLACE', text)
    with pytest.raises(pxt.RequestError, match='set the environment variable PIXELTABLE_VAR_PLACE') as raised:
        pxt.ConfigVar('place', pxt.URI).value()
    assert raised.value.error_code is pxt.ErrorCode.MISSING_REQUIRED


def test_what_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PIXELTABLE_VAR_PLACE', 'ftp://me:geheim@host/x')
    with pytest.raises(pxt.RequestError, match=r'PIXELTABLE_VAR_PLACE.*its scheme must be one of') as raised:
        pxt.ConfigVar('place', pxt.URI).value()
    assert raised.value.error_code is pxt.ErrorCode.INVALID_CONFIGURATION
    assert 'geheim' not in str(raised.value)
    for wrong in ('ftp://host/x', '', None, 5):
        with pytest.raises(pxt.RequestError, match='is no folder or URL') as refused:
            pxt.URI(wrong)  # type: ignore[arg-type]
        assert refused.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ('name', 'type_'),
    [('A', str), ('a b', str), ('1x', str), ('a-b', str), ('', str), (5, str), (None, str)]
    + [('a', each) for each in (int, None, 'str', pxt.String)],
)
def test_names_and_types_that_cannot_be(name: Any, type_: Any) -> None:
    with pytest.raises(pxt.RequestError, match='ConfigVar') as raised:
        pxt.ConfigVar(name, type_)
    assert raised.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT


def test_it_is_no_text_yet() -> None:
    with pytest.raises(pxt.RequestError, match=r'value\(\) gives'):
        f'{pxt.ConfigVar("place", pxt.URI)}/below'
