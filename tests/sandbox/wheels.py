"""Wheels made by the tests: packages that need no network to be installed."""

import zipfile
from pathlib import Path


def make_wheel(folder: Path, name: str, files: dict[str, str], needs: str = "") -> Path:
    """A wheel of version 1.0 with these files; it may need another one."""
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    if needs:
        metadata += f"Requires-Dist: {needs}\n"
    described = {
        **files,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*described, f"{info}/RECORD"))
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**described, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return wheel
