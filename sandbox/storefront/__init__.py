"""Pretend storefronts: their books, and servers that speak the dialect of a real one."""
