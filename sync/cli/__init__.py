"""The command line: arguments into calls, results into tables or JSON."""
