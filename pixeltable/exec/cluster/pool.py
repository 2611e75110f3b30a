"""Who does the work on the cluster: tasks for plain functions, actors for models, which they load once.

A task whose process or node dies is done again elsewhere by Ray. An actor that dies is replaced here, and what it had not
finished is given to the others.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pixeltable.errors import ErrorCode, UserError
from pixeltable.exec.cluster import worker
from pixeltable.udf.function import Function

AHEAD = 2
"""Pieces for each processor that are under way: more cost memory of the cluster."""

TRIES = 4
"""So often a piece may take its process down with it."""

Task = Callable[..., Any]


class Needs:
    """What the functions of an operation need of a node."""

    def __init__(self, functions: Sequence[Function]) -> None:
        options = [function.options for function in functions]
        self.num_gpus = max((each.num_gpus or 0 for each in options), default=0)
        self.num_cpus = max((each.num_cpus or 1 for each in options), default=1)
        self.is_model = any(each.num_gpus or each.num_cpus or each.batch_size for each in options)


class Pool:
    """Runs functions of `worker` on the cluster; results come in the order in which the work was given."""

    def __init__(self, ray: Any, needs: Needs) -> None:
        self._ray = ray
        self._needs = needs
        self._actors: list[Any] = []
        resources = ray.cluster_resources()
        places = resources.get('CPU', 1) // needs.num_cpus
        if needs.num_gpus:
            places = min(places, resources.get('GPU', 0) // needs.num_gpus)
        self.places = max(1, int(places))
        self._turn = 0

    def in_order(self, run: str, calls: Iterator[tuple[Any, ...]]) -> Iterator[Any]:
        """References to the results of `worker.<run>` for each of `calls`, each once it is there."""
        under_way: deque[tuple[Any, tuple[Any, ...], int]] = deque()
        try:
            for arguments in calls:
                under_way.append((self._submit(run, arguments), arguments, 1))
                if len(under_way) >= self.places * AHEAD:
                    yield self._finished(run, under_way)
            while under_way:
                yield self._finished(run, under_way)
        finally:
            for reference, _, _ in under_way:
                with contextlib.suppress(self._ray.exceptions.RayError):
                    self._ray.cancel(reference, force=not self._actors)
            self._end()

    def task(self, run: str, *arguments: Any) -> Any:
        """A reference to the result of `worker.<run>` in a plain task."""
        # Models hold all processors until the end: what is done beside them must not wait for one.
        options = {'max_retries': TRIES - 1, 'num_cpus': 0 if self._needs.is_model else self._needs.num_cpus}
        return self._ray.remote(getattr(worker, run)).options(**options).remote(*arguments)

    def _finished(self, run: str, under_way: deque[tuple[Any, tuple[Any, ...], int]]) -> Any:
        reference, arguments, tries = under_way.popleft()
        while True:
            try:
                self._ray.wait([reference], fetch_local=False)
                self._ray.get(reference)
                return reference
            except self._ray.exceptions.RayActorError as error:
                self._actors = [actor for actor in self._actors if self._is_alive(actor)]
                if tries == TRIES:
                    raise self._died(error) from error
                reference, tries = self._submit(run, arguments), tries + 1
            except self._ray.exceptions.WorkerCrashedError as error:
                raise self._died(error) from error
            except self._ray.exceptions.RayTaskError as error:
                raise error.cause from error

    def _died(self, error: Exception) -> UserError:
        return UserError(
            ErrorCode.GENERIC_USER_ERROR,
            f'the process on the cluster that computed a piece of the rows died {TRIES} times: {error}. Nothing was changed; '
            'look at the log of the cluster for what the function did.',
        )

    def _submit(self, run: str, arguments: tuple[Any, ...]) -> Any:
        if not self._needs.is_model:
            return self.task(run, *arguments)
        if len(self._actors) < self.places:
            self._actors.append(self._actor())
        self._turn += 1
        return self._actors[self._turn % len(self._actors)].run.remote(run, *arguments)

    def _actor(self) -> Any:
        class Model:
            """Keeps a process, and the models that its functions load, for the operation."""

            def run(self, name: str, *arguments: Any) -> Any:
                return getattr(worker, name)(*arguments)

        options = {'num_cpus': self._needs.num_cpus, 'num_gpus': self._needs.num_gpus}
        return self._ray.remote(Model).options(**options).remote()

    def _is_alive(self, actor: Any) -> bool:
        try:
            self._ray.get(actor.__ray_ready__.remote(), timeout=5)
        except self._ray.exceptions.RayActorError:
            return False
        except self._ray.exceptions.GetTimeoutError:  # it is busy
            return True
        return True

    def _end(self) -> None:
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []
