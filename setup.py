"""The description on a package index: the README, in which what leads to other files are words.

All else about the package stands in pyproject.toml. An index shows the README without the files
beside it, so a link such as docs/pages/guide.md would lead nowhere, and a picture would be broken.
"""

import re
from pathlib import Path

from setuptools import setup

RELATIVE = r"\]\((?!https?://)[^)]*\)"


def description(readme: str) -> str:
    """The README without pictures, marks of generated tables, and links to other files."""
    text = re.sub(rf"^!\[[^\]]*{RELATIVE}\n\n?|^<!--.*-->\n", "", readme, flags=re.MULTILINE)
    return re.sub(rf"\[((?:[^\[\]]|\[[^\]]*\])*){RELATIVE}", r"\1", text)


setup(
    long_description=description(Path(__file__).with_name("README.md").read_text("utf-8")),
    long_description_content_type="text/markdown",
)
