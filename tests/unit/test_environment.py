"""What a record says of the machine."""

import platform

import numpy as np
import pytest

from panda_core.environment import peak_memory, reset_peak_memory


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere the system counts from the start of the process")
def test_the_peak_of_memory_is_counted_anew():
    large = np.ones(50_000_000)  # 400 MB
    before = peak_memory("cpu")
    del large
    reset_peak_memory("cpu")
    assert before - peak_memory("cpu") > 300e6
