"""How many numbers an embedding has. Where the type of the function does not say, as for a model that only its server knows, the
function is called once to see."""

from __future__ import annotations

from typing import Any, cast

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.calls.call import call_once
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.cell_failures import cell_failure
from pixeltable.exec.vectors import CellError
from pixeltable.exprs.nodes import Call, Literal, Node
from pixeltable.types.column_type import ArrayShape, Kind
from pixeltable.udf.function import Function


def vector_length(name: str, embedding: Node, kind: Kind, calls: Calls) -> int:
    """The length of the vectors that function `name` gives by `embedding`, its call with an item of `kind`.

    Raises INVALID_CONFIGURATION if it gives no vectors of one length, and what the function raises.
    """
    array = embedding.type.array if embedding.type.kind is Kind.ARRAY else ArrayShape()
    length = array.shape[0] if array.shape and len(array.shape) == 1 and array.dtype != 'str' else 0
    if length is None and kind in (Kind.STRING, Kind.IMAGE) and isinstance(embedding, Call):
        length = _seen(embedding, kind, calls)
    if not length:
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f'{name}() gives {embedding.type}, and an embedding is a vector of fixed length: '
            'declare the result as, say, pxt.Array[(384,), pxt.Float].',
        )
    return length


def _seen(call: Call, kind: Kind, calls: Calls) -> int:
    arguments = zip(call.names, call.args, strict=True)
    given = {name: arg.value if isinstance(arg, Literal) else _sample(kind) for name, arg in arguments}
    try:
        vector = call_once(cast(Function, call.function), given, calls)
        return 0 if vector is None else len(vector)
    except Exception as error:
        raise cell_failure(CellError.of(error), f'the embedding of a sample by {call.function.name}()') from error


def _sample(kind: Kind) -> Any:
    if kind is Kind.STRING:
        return 'a'
    from PIL import Image

    return Image.new('RGB', (64, 64))
