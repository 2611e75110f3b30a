"""What programs import to declare functions: `from pixeltable.func import Batch`. The same names are in `pixeltable`."""

from __future__ import annotations

from pixeltable.udf.decorators import Batch, udf
from pixeltable.udf.function import Function

__all__ = ['Batch', 'Function', 'udf']
