"""Entrepot against systems that this project did not write."""
