"""The files of a Python interpreter and nothing else: what the image of a sandbox is made of.

    python3 -I interpreter_tree.py FOLDER

copies the interpreter that runs it into FOLDER: its program as ``usr/local/bin/python3``, its
standard library with bytecode, and the shared libraries that they need. No shell, no tools, no
installed packages, no file with a set-user-ID bit. It runs on the host, in a container and in a
chroot, so it needs the standard library alone.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

USER = 60000
"""The user that submissions run as."""

PREFIX = "usr/local"
LEFT_OUT = re.compile(
    r"__pycache__|site-packages|dist-packages|test|tests|idlelib|idle_test|turtledemo|turtle\.py"
    r"|tkinter|lib2to3|distutils|ensurepip|venv|curses|pydoc_data|config-.*|LICENSE.*"
    r"|sitecustomize\.py|EXTERNALLY-MANAGED|.*\.(?:a|exe|orig|pyc)"
    r"|(?:_test|_xx|xx|_tkinter|_curses|readline|nis|ossaudiodev|spwd|_crypt|_dbm|_gdbm).*\.so"
)
# The C library loads the first when a thread ends early, and wheels may expect any of them: see the
# profiles of manylinux.
LOADED_LATER = (
    *("libgcc_s.so.1", "libstdc++.so.6", "libdl.so.2", "libm.so.6", "libmvec.so.1"),
    *("libpthread.so.0", "libresolv.so.2", "librt.so.1", "libutil.so.1", "libz.so.1"),
)
PASSWD = f"""\
root:x:0:0:root:/:/nonexistent
submission:x:{USER}:{USER}:submission:/tmp:/nonexistent
"""
GROUP = f"""\
root:x:0:
submission:x:{USER}:
"""


def write_tree(root: Path) -> None:
    """Write the tree of the running interpreter into an empty folder."""
    if sys.implementation.name != "cpython" or sys.platform != "linux":
        sys.exit(f"a CPython on Linux is needed, not {sys.implementation.name} on {sys.platform}")
    # The program itself, where this one is in a virtual environment.
    program = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    loader = _loader(program)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    standard = Path(sysconfig.get_path("stdlib"))
    dynamic = Path(sys.base_exec_prefix, sys.platlibdir, version, "lib-dynload")
    within = standard.relative_to(sys.base_prefix)

    _copy(program, root / PREFIX / "bin/python3")
    library = root / PREFIX / within
    for file in _files(standard):
        if file.suffix != ".so":
            _copy(file, library / file.relative_to(standard))
    copied = [program]
    for file in _files(dynamic) if dynamic.is_dir() else []:
        try:
            _needed(loader, [file])
        except FileNotFoundError as error:  # what it needs is not installed: so it is no loss
            print(f"left out: {error}", file=sys.stderr)
            continue
        _copy(file, root / PREFIX / sys.platlibdir / version / "lib-dynload" / file.name)
        copied.append(file)
    _copy_libraries(loader, copied, root)

    for name in ("tmp", "proc", "dev", "sys", "etc"):
        (root / name).mkdir(exist_ok=True)
    (root / "etc/passwd").write_text(PASSWD)
    (root / "etc/group").write_text(GROUP)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "tmp").chmod(0o1777)
    # In a process whose hashes are fixed, so that the same interpreter gives the same bytes.
    compileall = [sys.executable, "-S", "-m", "compileall", "-q"]
    subprocess.run(
        [*compileall, "--invalidation-mode", "unchecked-hash", "-s", root, "-p", "/", library],
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )


def _files(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.iterdir()):
        if LEFT_OUT.fullmatch(path.name):
            continue
        if path.is_dir():
            if path.name != "lib-dynload":
                yield from _files(path)
        elif path.is_file():
            yield path


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)  # follows links; takes no set-user-ID bit along
    to.chmod(0o755 if os.access(file, os.X_OK) else 0o644)


def _copy_libraries(loader: Path, files: list[Path], root: Path) -> None:
    """Copy the shared libraries into the folder of the C library, where the loader always looks."""
    found = _needed(loader, files)
    libc = next((path for name, path in found.items() if re.match(r"libc\.", name)), loader)
    for folder in (libc.parent, Path(f"/usr{libc.parent}")):  # one in most systems, not in all
        found.update((name, folder / name) for name in LOADED_LATER if (folder / name).is_file())
    for name, path in sorted(found.items()):
        if path != loader:
            _copy(path, root / str(libc.parent).lstrip("/") / name)
    _copy(loader, root / str(loader).lstrip("/"))


def _needed(loader: Path, files: list[Path]) -> dict[str, Path]:
    """The shared libraries that files need, by name, as the dynamic loader finds them."""
    found: dict[str, Path] = {}
    for file in files:
        listed = subprocess.run([loader, "--list", file], capture_output=True, text=True)
        for line in listed.stdout.splitlines():
            name, arrow, rest = line.strip().partition(" => ")
            if not arrow:
                continue
            path = Path(rest.rpartition(" (")[0] or rest)
            if not path.is_absolute():
                raise FileNotFoundError(f"{file.name} needs {name}, which is not there")
            found.setdefault(name, path)
    return found


def _loader(program: Path) -> Path:
    """The dynamic loader that a program names in its ELF headers."""
    image = program.read_bytes()
    if image[:5] != b"\x7fELF\x02":
        sys.exit(f"{program} is no 64-bit ELF program")
    order = "<" if image[5] == 1 else ">"
    (headers,) = struct.unpack_from(f"{order}Q", image, 32)
    size, count = struct.unpack_from(f"{order}HH", image, 54)
    for n in range(count):
        kind, _, offset, _, _, length = struct.unpack_from(
            f"{order}IIQQQQ", image, headers + n * size
        )
        if kind == 3:  # PT_INTERP
            return Path(os.fsdecode(image[offset : offset + length].rstrip(b"\0")))
    sys.exit(f"{program} is linked statically: it could not load extension modules")


if __name__ == "__main__":
    write_tree(Path(sys.argv[1]))
