"""Programs import from `pixeltable.func` and `pixeltable.exceptions`, as well as from `pixeltable`."""

from types import ModuleType

import pytest

import pixeltable as pxt


@pytest.mark.parametrize('module', [pxt.func, pxt.exceptions])
def test_their_names_are_those_of_the_package(module: ModuleType) -> None:
    assert all(getattr(module, name) is getattr(pxt, name) for name in module.__all__)


def test_all_classes_of_errors_are_there() -> None:
    kinds = {
        name for name in pxt.__all__ if isinstance(kind := getattr(pxt, name), type) and issubclass(kind, Exception)
    }
    assert kinds <= {*pxt.exceptions.__all__}
