"""A mail server for tests."""
