"""What an error said of an operation stays true when the power goes afterwards, even if a sync had failed."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from homes import opened, watched
from power_loss import HOME, Recorder, Recovery, sample
from scenarios import SCENARIOS, quiet
from watching import DONE_UNHEARD, IO_ERROR, Fault

from pixeltable.errors import ServiceUnavailableError

DISKS = 25


class FailingRecorder(Recorder):
    """Lets one write or sync of the catalog fail."""

    def __init__(self, root: Path, fault: Fault) -> None:
        super().__init__(root)
        self._fault = fault
        self.left = 0

    def before(self, call: str, path: str) -> Fault | None:
        if call not in ('sqlite write', 'sqlite fsync'):
            return None
        self.left -= 1
        return self._fault if self.left == 0 else None


@pytest.mark.parametrize('fault', [IO_ERROR, DONE_UNHEARD], ids=lambda fault: fault.when)
@pytest.mark.parametrize('name', ['insert', 'add_column'])
def test_power_loss_after_a_fault(name: str, fault: Fault, tmp_path: Path) -> None:
    """On one home, operation after operation; each time another call fails."""
    quiet()
    for folder in ('disk', 'scratch'):
        (tmp_path / folder).mkdir()
    recorder, scenario = FailingRecorder(tmp_path / 'disk', fault), SCENARIOS[name]
    recovered, dice = Recovery(tmp_path / 'scratch'), random.Random(0)
    with watched(recorder), opened(tmp_path / 'disk' / HOME):
        scenario.prepare()
        done = recovered(recorder.disk.now())
        number = call = 0
        while recorder.left <= 0:
            call += 1
            recorder.left = call
            with contextlib.suppress(ServiceUnavailableError):
                scenario.do(number)
                number += 1
                done = recovered(recorder.disk.now())
            for fates in sample(list(dict.fromkeys(recorder.disk.possible_fates())), dice, DISKS):
                assert recovered(recorder.disk.after(fates)) == done
    assert call > 10
    assert number > 0
