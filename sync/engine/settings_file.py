"""entrepot.yaml of a configuration folder, read and checked by itself: no database, no rules, no connectors."""

from pathlib import Path

from config import Settings, load_settings
from connectors import names
from sync.engine.refusals import StartRefused

FILE = "entrepot.yaml"


def read_settings(folder: Path) -> Settings:
    """Read and check entrepot.yaml alone: enough to look around while a mapping file is broken."""
    path = folder / FILE
    if not path.is_file():
        raise StartRefused(f"there is no {FILE} in {folder}; make one with: entrepot init")
    return load_settings(path, connectors=names.names(), file=FILE)
