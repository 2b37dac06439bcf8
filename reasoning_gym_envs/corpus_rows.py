"""The rows of a corpus: from a file, a data set, or a list, each with where it stands."""

from __future__ import annotations

import difflib
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

LONGEST_LINE = 128 * 1024 * 1024
"""How many bytes of a line, or of a file that is one list, are read."""

Place = tuple[str, Any]
"""Where a row stands, and the row; or what is wrong with it, as a :class:`ProblemFileError`."""


class ProblemFileError(ValueError):
    """A corpus that cannot be read; the message says where and why.

    Args:
        message: where, and why.
        reason: why, in the same words for every row that is refused for it; the message if it is
            not given.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message


def rows_of(source: str | Path | Iterable[Any]) -> Iterator[Place]:
    """The rows of a corpus.

    Args:
        source: a file of JSON lines (``.jsonl``, packed by gzip as ``.jsonl.gz``), of one JSON list
            (``.json``), or of a table (``.parquet``); a folder saved with Hugging Face
            ``datasets``; the name of a data set there; or mappings.

    Raises:
        FileNotFoundError: there is no such file.
        ProblemFileError: a file that cannot be read at all.
        ImportError: what reads it is not installed.
    """
    if not isinstance(source, (str, Path)):
        return _numbered(source, "problems", "item")
    path = Path(source)
    if path.is_dir():
        return _numbered(_saved_data_set(path), str(source), "row")
    if path.is_file():
        return rows_of_file(path)
    if {".jsonl", ".json", ".parquet"} & set(path.suffixes) or isinstance(source, Path):
        names = [p.name for p in path.parent.glob("*.jsonl*")]
        near = difflib.get_close_matches(path.name, names, cutoff=0.0)  # three
        there = f"; the nearest there are {', '.join(near)}" if near else ""
        raise FileNotFoundError(f"no problem file {str(source)!r}{there}")
    return _numbered(_named_data_set(str(source)), str(source), "row")


def rows_of_file(path: Path) -> Iterator[Place]:
    """The rows of a file; see :func:`rows_of`."""
    if path.suffix == ".parquet":
        return _numbered(_table(path), path.name, "row")
    is_packed = path.suffix == ".gz"
    is_list = path.with_suffix("" if is_packed else path.suffix).suffix == ".json"
    return _in_list(path, is_packed) if is_list else _in_lines(path, is_packed)


def _numbered(rows: Iterable[Any], name: str, unit: str) -> Iterator[Place]:
    for n, row in enumerate(rows, start=1):
        yield f"{name}, {unit} {n}", row


def _open(path: Path, is_packed: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if is_packed else path.open("rb")  # type: ignore[return-value]


def _in_lines(path: Path, is_packed: bool) -> Iterator[Place]:
    """A line at a time, to know which one is not UTF-8."""
    number = 0
    try:
        with _open(path, is_packed) as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                where = f"{path.name}, line {number}"
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):
                        line = file.readline(LONGEST_LINE)
                    yield where, _wrong(where, f"longer than {LONGEST_LINE:,} bytes")
                elif line.strip():
                    yield where, _decoded(line, where, number == 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _not_packed(path, error) from error


def _in_list(path: Path, is_packed: bool) -> Iterator[Place]:
    try:
        with _open(path, is_packed) as file:
            data = file.read(LONGEST_LINE + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _not_packed(path, error) from error
    if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        yield from _in_lines(path, is_packed)
        return
    if len(data) > LONGEST_LINE:
        raise _wrong(path.name, f"longer than {LONGEST_LINE:,} bytes")
    rows = _decoded(data, path.name, True)
    if isinstance(rows, ProblemFileError):
        raise rows
    yield from _numbered(rows, path.name, "item")


def _decoded(line: bytes, where: str, is_first: bool) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig" if is_first else "utf-8"))
    except UnicodeDecodeError as error:
        return _wrong(where, "not UTF-8", error.reason)
    except (ValueError, RecursionError) as error:
        return _wrong(where, "not JSON", str(error))


def _wrong(where: str, reason: str, detail: str = "") -> ProblemFileError:
    said = f": {detail}" if detail else ""
    return ProblemFileError(f"{where}: {reason}{said}", reason)


def _not_packed(path: Path, error: Exception) -> ProblemFileError:
    return _wrong(path.name, "not packed by gzip, or broken off", str(error))


def _table(path: Path) -> Iterator[Any]:
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(
            f"{path.name} needs an extra: pip install 'reasoning-gym-envs[parquet]'"
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=64):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise _wrong(path.name, "not a table that can be read", str(error)) from error


def _datasets(wanted: str) -> Any:
    try:
        import datasets
    except ImportError as error:
        raise ImportError(
            f"problems={wanted!r} is no file, and reading a data set needs Hugging Face datasets: "
            "pip install datasets"
        ) from error
    return datasets


def _saved_data_set(folder: Path) -> Iterable[Any]:
    data = _datasets(str(folder)).load_from_disk(str(folder))
    if isinstance(data, Mapping):  # a DatasetDict: our own split decides, so take all of it
        return [row for part in data.values() for row in part]
    return list(data)


def _named_data_set(name: str) -> Iterable[Any]:
    path, config, split = f"{name}::".split(":")[:3]
    return list(_datasets(name).load_dataset(path, config or None, split=split or "train"))
