"""The browser that tests look at pages in: the system's Chromium."""

import shutil
from importlib.util import find_spec

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """Where it is; None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def missing_browser() -> str | None:
    """Why no page can be looked at here; None where one can."""
    if not find_spec("playwright"):
        return "playwright is not installed: pip install 'reasoning-gym-envs[dev]'"
    if chromium() is None:
        return "there is no Chromium here: apt-get install chromium"
    return None
