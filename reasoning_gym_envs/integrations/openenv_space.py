"""OpenEnv: the folder of a Hugging Face Space that serves an environment.

`reasoning-gym-envs serve ID --write-space FOLDER` writes it, and `openenv push FOLDER` uploads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reasoning_gym_envs import __version__
from reasoning_gym_envs.dataset import given, ids_of
from reasoning_gym_envs.registry import ENVIRONMENTS

PORT = 8000  # where OpenEnv's clients look for a container's server


def space_files(id: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The files of a Space: their texts by their paths.

    Args:
        id: of an environment.
        arguments: of ``gymnasium.make``, as a command line gives them.

    Raises:
        ValueError: it runs programs in a Docker engine, and a Space has none; or it reads a file.
    """
    entry = ENVIRONMENTS.get(id)
    known = [ENVIRONMENTS[name] for name in ids_of(id, arguments) if name in ENVIRONMENTS]
    needs = {each.needs for each in known}
    if "code" in needs and set(given("sandbox", arguments)) <= {"docker"}:
        raise ValueError(f"{id} runs programs in a Docker engine, and a Space has none")
    for path in given("problems", arguments):
        if isinstance(path, str):
            raise ValueError(f"problems={path!r} is a file of this machine, and a Space has none")
    name = re.sub(r"\W+", "_", id.lower())
    summary = entry.summary if entry else "A text environment"
    words = "".join(f", {argument}={value!r}" for argument, value in arguments.items())
    extras = ["openenv", *sorted(needs - {"", "code"})]
    values = {
        "<id>": id,
        "<name>": name,
        "<summary>": summary,
        "<call>": f"make_app({id!r}{words})",
        "<extras>": ",".join(extras),
        "<port>": str(PORT),
        "<version>": __version__,
    }
    files = {}
    for path, text in _FILES.items():
        for mark, value in values.items():
            text = text.replace(mark, value)
        files[path] = text
    return files


_CLASSES = "reasoning_gym_envs.integrations.openenv"
_FILES = {
    "openenv.yaml": """\
spec_version: 1
name: <name>
type: space
runtime: fastapi
app: server.app:app
port: <port>
""",
    "Dockerfile": """\
FROM python:3.12-slim
RUN useradd --create-home --uid 1000 user
WORKDIR /app/env
COPY . .
# A wheel of reasoning-gym-envs that lies in this folder is taken before any index.
RUN pip install --no-cache-dir --find-links . .
USER user
CMD ["uvicorn", "server.app:app", "--host", "0.0.0.0", "--port", "<port>"]
""",
    "README.md": """\
---
title: <id>
sdk: docker
app_port: <port>
tags:
  - openenv
---

# <id>

<summary>. An environment of reasoning_gym_envs, served by OpenEnv.

```python
from client import ReasoningEnv

with ReasoningEnv(base_url="https://OWNER-SPACE.hf.space").sync() as env:
    result = env.reset(seed=7)
    result = env.step("your answer")
    print(result.reward, result.observation.text)
```
""",
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "openenv-<name>"
version = "<version>"
requires-python = ">=3.10"
dependencies = ["reasoning-gym-envs[<extras>]==<version>", "openenv-core>=0.3"]

[project.scripts]
server = "<name>.server.app:main"

[tool.setuptools]
packages = ["<name>", "<name>.server"]
package-dir = { "<name>" = ".", "<name>.server" = "server" }

[tool.uv]
find-links = ["."]
""",
    "__init__.py": "",
    "client.py": f"from {_CLASSES} import ReasoningEnv as ReasoningEnv\n",
    "models.py": f"""\
from {_CLASSES} import ReasoningAction as ReasoningAction
from {_CLASSES} import ReasoningObservation as ReasoningObservation
from {_CLASSES} import ReasoningState as ReasoningState
""",
    "server/__init__.py": "",
    "server/app.py": f"""\
import uvicorn

from {_CLASSES} import make_app

app = <call>


def main() -> None:
    uvicorn.run(app, host="0.0.0.0", port=<port>)


if __name__ == "__main__":
    main()
""",
}
