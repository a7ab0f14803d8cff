"""The sandbox's couriers: one carrier with its own journal, behind an aggregator in the Karrio dialect."""
