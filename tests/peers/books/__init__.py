"""The tests' own clients of the real systems: what people do there, never through connectors/."""
