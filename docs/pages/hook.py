"""MkDocs asks this first: the pages are laid out in `build/pages`, and the site is made of them."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pages import site


def on_config(config: Any) -> Any:
    """Lay the pages out, and build from there."""
    config.docs_dir = str(site.lay_out(Path(config.site_dir).parent / "build" / "pages"))
    return config
