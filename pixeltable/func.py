"""What programs import to declare functions: `from pixeltable.func import Batch`. The same names are in `pixeltable`."""

from __future__ import annotations

from pixeltable.udf.aggregator import Aggregator
from pixeltable.udf.decorators import Batch, udf
from pixeltable.udf.expr_udf import expr_udf
from pixeltable.udf.function import Function
from pixeltable.udf.tools import Tool, ToolChoice, Tools
from pixeltable.udf.uda import uda

__all__ = ['Aggregator', 'Batch', 'Function', 'Tool', 'ToolChoice', 'Tools', 'expr_udf', 'uda', 'udf']
