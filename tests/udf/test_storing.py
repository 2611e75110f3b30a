from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import types
from pathlib import Path
from typing import Any

import pytest

from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.functions import string
from pixeltable.udf import storing
from pixeltable.udf.decorators import udf
from pixeltable.udf.fingerprint import fingerprint
from pixeltable.udf.function import Function

_MODULE = """
from pixeltable.udf.decorators import udf

FACTOR = 3

@udf
def scaled(value: int, times: int = FACTOR) -> int:
    return value * times

@scaled.overload
def _(value: str) -> str:
    return value
"""


def _no_blob(digest: str) -> bytes:
    raise AssertionError(digest)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    (tmp_path / 'stored_functions.py').write_text(_MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'stored_functions', raising=False)
    return __import__('stored_functions')


def _stored(function: Function) -> tuple[dict[str, Any], dict[str, bytes]]:
    blobs: dict[str, bytes] = {}
    return json.loads(json.dumps(storing.encode(function, blobs))), blobs


def test_a_built_in_function_is_stored_by_its_public_name() -> None:
    document, blobs = _stored(string.upper)
    assert document['function']['module'] == 'pixeltable.functions.string'
    assert not blobs
    assert storing.decode(document, _no_blob) is string.upper


def test_a_module_function_with_overload_and_constants(module: types.ModuleType) -> None:
    document, _ = _stored(module.scaled.using(times=4))
    assert storing.decode(document, _no_blob).py_fn(value=2) == 8
    document, _ = _stored(module.scaled.overloads[1])
    assert storing.decode(document, _no_blob) is module.scaled.overloads[1]


@pytest.mark.parametrize(
    ('old', 'new', 'words'),
    [
        ('def scaled', 'def scalde', "no longer has 'scaled'. Did you mean 'scalde'?"),
        ('value: int,', 'value: str,', "'value' was of type Int and is now String"),
        ('value: int,', 'amount: int,', "the parameter 'value' is gone"),
        ('value: int,', 'value: int, more: int,', "the parameter 'more' is new and has no default"),
        ('-> int', '-> str', 'the result was of type Int and is now String'),
        ('@scaled.overload', '', 'has been removed'),
        ('@udf', '', 'no @pxt.udf any more'),
        ('FACTOR = 3', 'import nothing_like_this', "'nothing_like_this', which it imports"),
    ],
)
def test_what_no_longer_fits_is_said_in_words(
    module: types.ModuleType, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str
) -> None:
    function = module.scaled.overloads[1] if 'overload' in old else module.scaled
    document, _ = _stored(function)
    source = _MODULE.replace(old, new)
    if old == 'def scaled' or old == '@udf':
        source = source.partition('@scaled.overload')[0]
    Path(str(module.__file__)).write_text(source + '\n# changed\n')
    monkeypatch.delitem(sys.modules, 'stored_functions')
    sys.path_importer_cache.clear()
    with pytest.raises(NotFoundError) as caught:
        storing.decode(document, _no_blob)
    assert caught.value.error_code is ErrorCode.FUNCTION_NOT_FOUND
    assert words in str(caught.value)


def test_a_missing_module() -> None:
    document = {'function': {'module': 'gone_away', 'name': 'f', 'signature': {}}}
    with pytest.raises(NotFoundError, match="the module 'gone_away' cannot be imported"):
        storing.decode(document, _no_blob)


def _local(offset: int) -> Function:
    @udf
    def helper(value: int) -> int:
        return value + offset

    @udf
    def f(value: int, times: int = 2) -> int:
        return helper.py_fn(value) * times

    return f


def test_a_local_function_is_stored_with_its_closure() -> None:
    document, blobs = _stored(_local(1).using(times=3))
    assert list(blobs) == [document['function']['value']]
    loaded = storing.decode(document, blobs.__getitem__)
    assert loaded.py_fn(value=1) == 6
    assert storing.decode(document, _no_blob).origin is loaded.origin
    assert fingerprint(loaded) == fingerprint(_local(1).using(times=3))


def test_storing_code_can_be_forbidden() -> None:
    document, blobs = _stored(_local(1))
    with pytest.raises(RequestError, match='the configuration forbids storing code'):
        storing.encode(_local(1), {}, allow_by_value=False)
    with pytest.raises(RequestError, match='the configuration forbids storing code'):
        storing.decode(document, blobs.__getitem__, allow_by_value=False)


def test_what_cannot_be_copied_is_an_error() -> None:
    lock = __import__('threading').Lock()

    @udf
    def f(value: int) -> int:
        with lock:
            return value

    with pytest.raises(RequestError, match=r'f\(\) cannot be stored'):
        storing.encode(f, {})


def test_a_module_of_this_process_only_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType('made_here')
    monkeypatch.setitem(sys.modules, 'made_here', module)
    exec('def helper(value): return value + 1\n' + _MODULE.replace('* times', '* helper(times)'), module.__dict__)
    document, blobs = _stored(module.scaled)
    monkeypatch.delitem(sys.modules, 'made_here')
    assert storing.decode(document, blobs.__getitem__).py_fn(value=2) == 8


def test_a_script_hands_its_functions_to_another_process(tmp_path: Path) -> None:
    script = tmp_path / 'script.py'
    script.write_text(
        textwrap.dedent(
            """
            import json, pathlib, sys
            from pixeltable.udf import storing
            from pixeltable.udf.decorators import udf
            from pixeltable.udf.calling import direct_calls
            from pixeltable.functions.string import upper

            SIGN = '!'

            def helper(text):
                return text + SIGN

            @udf
            def other(text: str) -> str:
                return helper(text)

            @udf
            def shout(text: str) -> str:
                return upper(other(text))

            blobs = {}
            document = storing.encode(shout, blobs)
            (digest, blob), = blobs.items()
            pathlib.Path(sys.argv[1]).write_bytes(blob)
            print(json.dumps(document))
            """
        )
    )
    run = subprocess.run(
        [sys.executable, str(script), str(tmp_path / 'blob')], capture_output=True, text=True, check=True, timeout=60
    )
    from pixeltable.udf.calling import direct_calls

    loaded = storing.decode(json.loads(run.stdout), lambda digest: (tmp_path / 'blob').read_bytes())
    with direct_calls():
        assert loaded.py_fn(text='a') == 'A!'


def test_a_pickle_of_another_python_is_not_loaded() -> None:
    document, blobs = _stored(_local(1))
    document['function']['python'] = '3.1'
    with pytest.raises(NotFoundError, match=r'stored by Python 3\.1'):
        storing.decode(document, blobs.__getitem__)
