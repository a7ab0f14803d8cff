"""The sandbox's warehouse: its books, its people, and the Tryton dialect in which it answers."""
