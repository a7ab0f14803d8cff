"""The daemon's situations, played against the real systems."""
