"""The packages that an image has besides the standard library: how they get in, and what they are.

The host's pip fetches wheels for the Python and the machine of the image and unpacks them. Nothing
of a package runs on the host: whatever would have to be built is refused. The engine copies the
files into the image. Labels of the image say what it has.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

from reasoning_gym_envs.sandbox.engine import LABEL
from reasoning_gym_envs.sandbox.submission import SandboxUnavailable

FOLDER = "/usr/local/lib/packages"
"""Where they are in the image. The runner looks there last: none takes the place of a module."""

_LABELS = {name: f"{LABEL}.{name}" for name in ("python", "requested", "packages", "modules")}
_OLD_PLATFORMS = ("manylinux2014", "manylinux2010", "manylinux1")


class Contents(NamedTuple):
    """What programs can use in a sandbox.

    Args:
        python: the version of Python, such as "3.12.4".
        packages: the version of each installed package, by its name.
        requested: those that were asked for; the others are what they need.
        modules: the names by which packages are imported, such as "sklearn" for scikit-learn.
    """

    python: str
    packages: Mapping[str, str] = {}
    requested: tuple[str, ...] = ()
    modules: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """In words: "Python 3.12.4 with numpy 2.1.3 and pandas 2.2.3"."""
        named = [f"{name} {self.packages[name]}" for name in self.requested]
        listed = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
        return " with ".join(filter(None, (f"Python {self.python}", listed)))


def contents_of(image: Mapping[str, Any]) -> Contents:
    """What an image has, as its labels say; an image without packages does not name its Python.

    Args:
        image: what the engine says of the image.
    """
    labels = image["Config"].get("Labels") or {}
    python, *lists = (labels.get(label, "") for label in _LABELS.values())
    requested, packages, modules = (text.split() for text in lists)
    versions = dict(package.split("==") for package in packages)
    return Contents(python, versions, tuple(requested), frozenset(modules))


def labels_of(contents: Contents) -> dict[str, str]:
    """The labels from which :func:`contents_of` reads what an image has."""
    packages = [f"{name}=={version}" for name, version in contents.packages.items()]
    lists = (contents.requested, packages, sorted(contents.modules))
    values = (contents.python, *map(" ".join, lists))
    return dict(zip(_LABELS.values(), values, strict=True))


def tag_of(requirements: Iterable[str]) -> str:
    """What the tag of an image says of its packages: their names.

    >>> tag_of(["pandas>=2", "numpy", "dist/tiny-1.0-py3-none-any.whl"])
    'numpy-pandas-tiny'
    """
    names = []
    for requirement in requirements:
        name = Path(requirement.partition("@")[0].strip()).name
        match = re.match(r"\w+" if name.endswith(".whl") else r"[\w.-]*\w", name, re.ASCII)
        names.append(match.group() if match else "other")
    return "-".join(sorted(names))


def install(
    requirements: Iterable[str], python: str, machine: str, glibc: str, folder: Path
) -> Contents:
    """Unpack packages and what they need into a folder.

    Args:
        requirements: packages as pip takes them: "numpy", "numpy==2.1.3", the path of a wheel.
        python: the version of the image's Python.
        machine: the image's machine, such as "x86_64".
        glibc: the version of its C library, such as "2.36".
        folder: an empty folder.

    Raises:
        SandboxUnavailable: pip could not install them; what it says is told.
    """
    newest = int(glibc.partition(".")[2])
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, 4, -1)]
    platforms += [f"{name}_{machine}" for name in _OLD_PLATFORMS]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-compile", "--only-binary=:all:", "--implementation=cp"]
    command += [f"--python-version={python}", *(f"--platform={name}" for name in platforms)]
    ended = subprocess.run(
        [*command, f"--target={folder}", "--", *requirements],
        capture_output=True,
        text=True,
        errors="replace",
    )
    if ended.returncode:
        said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR:")]
        said = said or ended.stderr.strip().splitlines()[-1:]
        raise SandboxUnavailable(
            f"the image was not built: pip could not install the packages: {' '.join(said)}\n"
            "To fix it: name packages that have wheels for "
            f"Python {python} on {machine}; where there is no pip, `python -m ensurepip`"
        )
    found = sorted(distributions(path=[str(folder)]), key=_name)
    requested = [_name(p) for p in found if p.read_text("REQUESTED") is not None]
    versions = {_name(package): package.version for package in found}
    return Contents(python, versions, tuple(requested), frozenset(modules_of(folder, versions)))


def modules_of(folder: Path, packages: Collection[str]) -> list[str]:
    """The names by which packages in a folder are imported: how the paths of their files begin."""
    names = {
        file.parts[0].partition(".")[0]
        for package in distributions(path=[str(folder)])
        if _name(package) in packages
        for file in package.files or ()
    }
    return sorted(name for name in names if name.isidentifier() and not name.startswith("__"))


def _name(package: Distribution) -> str:
    return package.metadata["Name"].lower()
