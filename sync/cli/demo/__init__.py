"""The demo: the sandbox's world, the real daemon, a live view, and the judge's verdict."""
