"""`python -m docs.site` builds the site into build/site, and fails where a link leads nowhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from docs.site import stage
from docs.site.pages import SiteError

PLACE = stage.ROOT / "build"


def build() -> int:
    """Build the site; return the exit code."""
    try:
        stage.write(PLACE / "docs")
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    shutil.copy(Path(__file__).with_name("zensical.toml"), PLACE)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=PLACE, check=False).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(build())
