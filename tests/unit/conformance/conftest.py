"""The example connector of the documentation, importable as its own tests import it."""

import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "docs" / "example-connector"
sys.path[:0] = [str(EXAMPLE), str(EXAMPLE / "tests")]
