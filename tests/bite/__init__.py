"""Whether our tests can fail: each patch here breaks one law of the house, and the test it names must notice.

`python -m tests.bite` applies them one by one to a scratch copy of the last commit. A patch begins with a
header that a person reads too:

    Law: the law, or the trap of a vendor, that the patch breaks
    Test: the test that must fail then, as pytest names it (the line may be repeated)
    Why: what the breach would cost a merchant

A new law of the design brings a new patch.
"""
