"""Memory that is not enough is told in a line; any other fault of the code keeps its traceback."""

import pytest

from panda_core.cli import PandaGroup


def group(error):
    made = PandaGroup("panda")

    @made.command("work")
    def work():
        raise error

    return made


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_too_little_memory_is_one_line(error, capsys):
    with pytest.raises(SystemExit) as stopped:
        group(error).main(["work"])
    told = capsys.readouterr().err
    assert stopped.value.code == 1 and told.startswith("panda: out of memory") and "batch_size" in told


def test_a_fault_that_only_mentions_memory_is_no_lack_of_it():
    with pytest.raises(RuntimeError, match="memory format"):
        group(RuntimeError("required rank 4 tensor to use channels_last memory format")).main(["work"])
