"""`python -m panda_core` is the same as `panda`."""

from panda_core.cli import main

main()
