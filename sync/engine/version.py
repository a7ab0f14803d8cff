"""Which version of the program this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def program_version() -> str:
    """The installed version, as it was when this process first asked: reading it takes milliseconds."""
    try:
        return version("entrepot")
    except PackageNotFoundError:
        return "0+source"
