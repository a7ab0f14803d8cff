"""Decisions of people: by command, by a signed link, or by a deadline that nobody met. All go one way."""
