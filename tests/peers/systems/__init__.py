"""The real systems that the tests install, start, freeze and kill.

Their code stays in a cache outside git."""
