"""Programs import `Batch` from `pixeltable.func`, as well as from `pixeltable`."""

import pixeltable as pxt
from pixeltable import func


def test_its_names_are_those_of_the_package() -> None:
    assert all(getattr(func, name) is getattr(pxt, name) for name in func.__all__)
