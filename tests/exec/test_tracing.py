from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable

import pytest
from opentelemetry import trace as api
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import pixeltable as pxt
from pixeltable.exec.tracing import Trace


@pytest.fixture
def spans(monkeypatch) -> Callable[[], dict[str, ReadableSpan]]:
    """The spans that ended, by name. The provider is not made the process's, of which there is one for ever."""
    exporter, provider, module = InMemorySpanExporter(), TracerProvider(), types.ModuleType('opentelemetry.trace')
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    vars(module).update(vars(api), get_tracer=provider.get_tracer)
    monkeypatch.setitem(sys.modules, 'opentelemetry.trace', module)
    return lambda: {span.name: span for span in exporter.get_finished_spans()}


def test_a_batch_is_a_child_of_its_operation_in_any_thread(spans) -> None:
    trace = Trace()
    trace.begin('insert', table='docs')

    def call() -> None:
        with trace.batch('summarize', 7):
            assert api.get_current_span().is_recording()  # what the function does is traced below it

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    trace.close(rows=7)
    batch, operation = spans()['pixeltable.call'], spans()['pixeltable.insert']
    assert batch.parent is not None
    assert batch.parent.span_id == operation.context.span_id
    assert dict(batch.attributes) == {'pixeltable.function': 'summarize', 'pixeltable.rows': 7}
    assert dict(operation.attributes) == {'pixeltable.table': 'docs', 'pixeltable.rows': 7}


def test_a_failure_is_noted(spans) -> None:
    trace = Trace()
    trace.begin('insert')
    trace.close(ValueError('no'))
    span = spans()['pixeltable.insert']
    assert span.status.status_code is api.StatusCode.ERROR
    assert span.events[0].attributes['exception.message'] == 'no'


def test_without_a_provider_nothing_is_told() -> None:
    trace = Trace()
    trace.begin('insert')
    with trace.batch('f', 1) as span:
        assert span is None
    trace.close(ValueError('no'))


def test_operations_of_the_api_are_traced(home, spans) -> None:
    @pxt.udf
    def double(x: int) -> int:
        return 2 * x

    t = pxt.create_table('t', {'x': pxt.Int})
    t.add_computed_column(y=double(t.x))
    t.insert({'x': n} for n in range(3))
    t.collect()
    found = spans()
    assert {'pixeltable.create_table', 'pixeltable.add_column', 'pixeltable.insert', 'pixeltable.collect'} <= set(found)
    assert found['pixeltable.insert'].attributes['pixeltable.rows'] == 3
    assert found['pixeltable.call'].parent.span_id == found['pixeltable.insert'].context.span_id
