"""The sandbox's servers held to the real systems: the same calls to both, answers and effects compared."""
