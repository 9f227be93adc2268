"""A grid of runs: what is to be made, what it costs, and making it with several processes or machines."""
