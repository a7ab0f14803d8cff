"""Suppliers by files: their books, their papers, and the server that shows these."""
