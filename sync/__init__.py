"""The sync core: domain, flows, store, engine, telemetry and the command line."""
