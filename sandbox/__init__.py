"""A pretend world on loopback: shops, a warehouse and a courier, with people, faults, and a judge.

It knows nothing of the daemon that it tests: it imports nothing of it, and judges by its own ledger alone.
`python -m sandbox serve` runs it.
"""
