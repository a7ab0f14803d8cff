"""How each creating write is built, sent, looked up and booked: one file an operation."""
