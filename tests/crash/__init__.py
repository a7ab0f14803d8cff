"""The daemon is killed at every kind of moment, started again, and the world's books are judged.

    python -m tests.crash [--seed N] [--points N] [--database sqlite|postgresql|mixed] [--json]

A run without a kill writes down every step that the daemon reaches; the points are planned from those by a seed,
evenly over the operations. A step is (operation, business key, n), so that how often something is polled does
not shift it. The world goes on while the daemon is dead.
"""
