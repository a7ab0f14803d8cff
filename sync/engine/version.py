"""Which version of the program this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version."""
    try:
        return version("entrepot")
    except PackageNotFoundError:
        return "0+source"
