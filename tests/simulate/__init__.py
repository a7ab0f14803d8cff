"""Simulated days: the sandbox world and the real daemon go through days of business in minutes, on one fake clock.

    schedule   what shall happen, from a seed: a pure function
    simulation the course: move the clock, let things happen, wait until the daemon rests, judge
    clocks     the one time of world and daemon
    world      the pretend world as a process of its own, and its levers
    program    the installed daemon as a process of its own, started, stopped, killed, upgraded, restored
    trade      what shoppers, the shops' staff and the suppliers of goods do
    staff      what the merchant's people decide on open issues
    couriers   how parcels travel
    trouble    outages, faults, limits and wrong clocks
    happenings carries out the schedule
    upgrading  what an upgrade is here
    edits      what an administrator does to the configuration, well and badly
    reporting  what came of it
    seeds      seeds that once failed, each a test

`python -m tests.simulate --days 7 --seed 1`; the exit code is 1 where a promise is broken.
"""
