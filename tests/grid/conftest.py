"""Grids of tiny runs on stores of their own."""

import pytest
from tiny_grid import Grid


@pytest.fixture
def make_grid(tiny_plm, tmp_path):
    """A grid on a store of the given name."""
    return lambda name="store": Grid(tiny_plm, tmp_path / name)


@pytest.fixture
def grid(make_grid):
    """A grid on a fresh store."""
    return make_grid()


@pytest.fixture(scope="session")
def undisturbed(tiny_plm, tmp_path_factory):
    """A store that one worker filled without any disturbance."""
    made = Grid(tiny_plm, tmp_path_factory.mktemp("undisturbed"))
    done = made.run()
    assert done.returncode == 0, done.stderr
    return made
