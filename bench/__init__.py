"""How fast it is, beside the floor and beside a peer: `python -m bench` lists what is measured.

A benchmark starts the installed program with no switch that production lacks, verifies the result afterwards,
and reports a missed goal as missed. It promises figures, not a pass: the exit code is 1 only where what was
measured did not do its work.
"""
