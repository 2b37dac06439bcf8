"""OpenEnv: servers that run as people run them, and the package's own client and commands."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gymnasium as gym
import pytest

pytest.importorskip("openenv", reason="openenv-core is not installed: make integrations")

from websockets.exceptions import ConnectionClosed, ConnectionClosedOK
from websockets.sync.client import connect

import reasoning_gym_envs  # noqa: F401  # registers the ids
from reasoning_gym_envs.integrations.openenv import (
    BadRequest,
    ReasoningAction,
    ReasoningEnv,
    ReasoningEnvironment,
    make_app,
)
from reasoning_gym_envs.text_env import LONGEST_ACTION
from tests.integrations.page import commands, lines, run

OPENENV = str(Path(sys.executable).with_name("openenv"))
SESSIONS = 100
KINDS = {  # what is served, and the same as words of the command
    "one turn": (
        "MathBoxed-v0",
        {"level": 2, "topics": "integer_arithmetic"},
        ("--level", "2", "--arg", "topics=integer_arithmetic"),
    ),
    "several turns": (
        "TowerOfHanoi-v0",
        {"level": (1, 3), "reward": "dense", "split": "test", "max_turns": 40},
        ("--level", "1-3", "--reward", "dense", "--split", "test", "--max-turns", "40"),
    ),
    "several attempts": (
        "CountdownBoxed-v0",
        {"max_turns": 3},
        ("--max-turns", "3"),
    ),
}
each_kind = pytest.mark.parametrize("kind", KINDS)


class Server:
    """A server in a process of its own."""

    def __init__(self, process, url, other):
        self.process, self.url, self._other = process, url, other
        self.websocket = url.replace("http", "ws", 1) + "/ws"

    def complaints(self):
        self._other.seek(0)
        return self._other.read()

    def client(self):
        return ReasoningEnv(self.url, connect_timeout_s=None, message_timeout_s=None)

    def raw(self):
        return connect(self.websocket, proxy=None, open_timeout=None, max_size=None)

    def http(self, path, body=None):
        """Status and answer; a body of text is sent as it is."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"} if data else {}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@contextlib.contextmanager
def running(command, stream, **options):
    """A server; its address is the first on a stream of the process."""
    with tempfile.TemporaryFile("w+") as other:  # a pipe that nobody reads would fill up
        streams = {"stdout": other, "stderr": other} | {stream: subprocess.PIPE}
        process = subprocess.Popen(command, text=True, **streams, **options)
        try:
            for line in getattr(process, stream):
                if "http://" in line:
                    break
            else:
                other.seek(0)
                raise AssertionError(other.read())
            yield Server(process, "http://" + line.partition("http://")[2].split()[0], other)
        finally:
            process.kill()
            process.wait()
            getattr(process, stream).close()


def serve(*words):
    command = [sys.executable, "-m", "reasoning_gym_envs", "serve", *words, "--port", "0"]
    return running(command, "stdout")


@pytest.fixture(scope="module")
def servers():
    """A server for each kind."""
    made = {}
    for kind, (id, _, words) in KINDS.items():
        made[kind] = serve(id, *words, "--sessions", str(SESSIONS))
    try:
        yield {kind: server.__enter__() for kind, server in made.items()}
    finally:
        for server in made.values():
            server.__exit__(None, None, None)


def local(kind):
    id, arguments, _ = KINDS[kind]
    return gym.make(id, **arguments)


def actions_of(env):
    """A mistake, what solves the episode from there, and a lone surrogate on the way."""
    yield "no \\boxed{answer} at all \ufffd, and none of: A to A"
    try:
        yield from env.unwrapped.solution()
    except gym.error.ResetNeeded:
        return


def as_json(value):
    return json.loads(json.dumps(value))


@each_kind
def test_an_episode_of_a_seed_is_the_one_of_gymnasium(servers, kind):
    server = servers[kind]
    env = local(kind)
    solved = 0
    with server.client().sync() as client:
        for seed in (0, 1, 7, 2**40):
            text, info = env.reset(seed=seed)
            result = client.reset(seed=seed, episode_id=f"episode {seed}")
            assert (result.observation.text, result.observation.info) == (text, as_json(info))
            assert (result.reward, result.done) == (None, False)
            assert server.http("/reset", {"seed": seed})[1]["observation"]["text"] == text
            for turn, action in enumerate(actions_of(env), 1):
                text, reward, terminated, truncated, info = env.step(action)
                result = client.step(action if turn % 2 else ReasoningAction(text=action))
                seen = result.observation
                assert (seen.text, seen.info) == (text, as_json(info))
                assert result.reward == seen.reward == reward
                assert result.done == seen.done == (terminated or truncated)
                assert seen.truncated == truncated
                state = client.state()
                assert state.model_dump() == {  # and nothing that could tell the answer
                    "episode_id": f"episode {seed}",
                    "step_count": turn,
                    "id": KINDS[kind][0],
                    "seed": seed,
                    "level": info["level"],
                    "problem_id": info["problem_id"],
                }
                if turn == 1:
                    body = {"seed": seed, "action": {"text": action}, "request_id": "a"}
                    status, answer = server.http("/step", body)
                    assert status == 200
                    assert answer["reward"] == reward
                    assert answer["observation"]["info"] == as_json(info)
            solved += info["is_success"]
    assert solved == (0 if kind == "one turn" else 4)


def test_over_http_one_request_scores_an_answer(servers):
    server, env = servers["one turn"], local("one turn")
    env.reset(seed=3)
    (answer,) = env.unwrapped.solution()
    for text, reward in ((answer, 1.0), ("\\boxed{no}", 0.0)):
        body = {"seed": 3, "action": {"text": text}}
        status, got = server.http("/step", body)
        assert (status, got["reward"], got["done"]) == (200, reward, True)
    env.reset(seed=3, options={"level": 7})
    (answer,) = env.unwrapped.solution()
    body = {"seed": 3, "level": 7, "action": {"text": answer}}
    assert server.http("/step", body)[1]["reward"] == 1.0


def test_a_level_for_one_episode_and_seeds_that_go_on(servers):
    env = local("several turns")
    with servers["several turns"].client().sync() as client:
        for level in (5, [5, 5]):
            text, info = env.reset(seed=1, options={"level": level})
            result = client.reset(seed=1, level=level)
            assert result.observation.text == text
            assert result.observation.info["level"] == client.state().level == info["level"] == 5

        def next_episodes():
            for _ in range(3):
                text = client.reset().observation.text
                assert env.reset(seed=client.state().seed)[0] == text
                yield text

        client.reset(seed=1)
        first = list(next_episodes())
        assert len(set(first)) == 3
        client.reset(seed=1)
        assert list(next_episodes()) == first
    with (
        servers["several turns"].client().sync() as one,
        servers["several turns"].client().sync() as other,
    ):
        assert one.state().model_dump(exclude_none=True) == {
            "id": "TowerOfHanoi-v0",
            "step_count": 0,
        }
        one.reset()
        other.reset()
        assert one.state().seed != other.state().seed


def test_a_hundred_sessions_at_once(servers):
    server = servers["several turns"]

    async def play(client, number, everyone):
        env = local("several turns")
        text, _ = env.reset(seed=number)
        assert (await client.reset(seed=number)).observation.text == text
        await everyone.wait()  # all episodes have begun before the first turn is taken
        for action in actions_of(env):
            text, reward, terminated, truncated, info = env.step(action)
            result = await client.step(action)
            assert (result.observation.text, result.reward) == (text, reward)
            assert result.observation.info == as_json(info)
        assert result.done == (terminated or truncated) == info["is_success"]
        assert (await client.state()).seed == number

    def one_more_is_told():
        with server.raw() as session:
            (said,) = messages_until_closed(session)
            assert said["data"]["code"] == "CAPACITY_REACHED"
            assert (said["data"]["active_sessions"], said["data"]["max_sessions"]) == (100, 100)
        with pytest.raises(ConnectionClosedOK), server.client().sync() as client:
            client.reset(seed=0)

    async def play_all():
        begun = 0
        everyone = asyncio.Event()
        clients = [server.client() for _ in range(SESSIONS)]
        for client in clients:
            await client.connect()

        class Everyone:
            async def wait(self):
                nonlocal begun
                begun += 1
                if begun == SESSIONS:
                    await asyncio.to_thread(one_more_is_told)
                    everyone.set()
                await everyone.wait()

        meeting = Everyone()
        await asyncio.gather(*(play(c, n, meeting) for n, c in enumerate(clients)))
        for client in clients:
            await client.close()

    asyncio.run(play_all())


def step(**data):
    return json.dumps({"type": "step", "data": data})


def reset(**data):
    return json.dumps({"type": "reset", "data": data})


REFUSED = {  # what is sent, and the code and a part of the answer: the session goes on
    '{"type": "ste': ("INVALID_JSON", "Invalid JSON"),
    "": ("INVALID_JSON", "Invalid JSON"),
    "{}": ("UNKNOWN_TYPE", "Unknown message type"),
    '{"type": "dance"}': ("UNKNOWN_TYPE", "dance"),
    '{"type": "dance\\ud800"}': ("EXECUTION_ERROR", "surrogates"),
    '{"type": "step"}': ("VALIDATION_ERROR", "Invalid message"),
    '{"type": "step", "data": "up"}': ("VALIDATION_ERROR", "valid dictionary"),
    step(): ("VALIDATION_ERROR", "Field required"),
    step(txt="up"): ("VALIDATION_ERROR", "Field required"),
    step(text=5): ("VALIDATION_ERROR", "valid string"),
    step(text=None): ("VALIDATION_ERROR", "valid string"),
    step(text="up", more=1): ("VALIDATION_ERROR", "Extra inputs"),
    step(text="x" * (LONGEST_ACTION + 1)): ("VALIDATION_ERROR", f"at most {LONGEST_ACTION}"),
    step(text="too early"): ("EXECUTION_ERROR", "no episode is running: reset begins one"),
    reset(seed=-1): ("EXECUTION_ERROR", "greater or equal to zero"),
    reset(seed="seven"): ("EXECUTION_ERROR", "must be a python integer"),
    reset(seed=1.5): ("EXECUTION_ERROR", "must be a python integer"),
    reset(level=99): ("EXECUTION_ERROR", "level must be from 1 to 10"),
    reset(level="hard\ud800"): ("EXECUTION_ERROR", "level must be a whole number or a pair"),
    reset(level=float("nan")): ("EXECUTION_ERROR", "level must be a whole number or a pair"),
    reset(levle=3): ("EXECUTION_ERROR", "unknown argument 'levle'; did you mean 'level'?"),
    reset(reveal=True): ("EXECUTION_ERROR", "unknown argument 'reveal'"),
    reset(problem={"question": "?"}): ("EXECUTION_ERROR", "unknown argument 'problem'"),
    reset(options={"reveal": True}): ("EXECUTION_ERROR", "unknown argument 'options'"),
    reset(self=1): ("EXECUTION_ERROR", ""),
    reset(episode_id=5): ("EXECUTION_ERROR", "episode_id must be a text"),
    reset(episode_id="x" * 256): ("EXECUTION_ERROR", "episode_id must be a text"),
}


@each_kind
def test_what_is_malformed_is_an_error_and_the_session_goes_on(servers, kind):
    server, env = servers[kind], local(kind)
    with server.raw() as session:

        def ask(message):
            session.send(message)
            return json.loads(session.recv())

        for message, (code, part) in REFUSED.items():
            answer = ask(message)
            assert (answer["type"], answer["data"]["code"]) == ("error", code), message[:99]
            assert part in json.dumps(answer["data"]).encode().decode("unicode_escape")
        begun = ask(reset(seed=1, episode_id="\ud800"))
        assert begun["data"]["observation"]["text"] == env.reset(seed=1)[0]
        assert ask('{"type": "state"}')["data"]["episode_id"] == "\ufffd"
        for message in [m for m in REFUSED if "too early" not in m]:
            assert ask(message)["type"] == "error"
        for number in range(1, 1000):  # nothing of that took a turn, or begun another episode
            text, reward, terminated, truncated, _ = env.step("\ufffd")
            answer = ask(step(text="\ud800"))["data"]
            assert answer["observation"]["text"] == text
            assert answer["observation"]["info"]["turn"] == number
            assert answer["observation"]["truncated"] == truncated
            assert (answer["reward"], answer["done"]) == (reward, terminated or truncated)
            if answer["done"]:
                break
        assert truncated == (kind != "one turn")
        answer = ask(step(text="too late"))
        assert answer["data"]["code"] == "EXECUTION_ERROR"
        assert "no episode is running" in answer["data"]["message"]
        assert ask(reset(seed=2))["data"]["observation"]["text"] == env.reset(seed=2)[0]
    assert server.process.poll() is None


def messages_until_closed(session):
    with contextlib.suppress(ConnectionClosed):
        while True:
            yield json.loads(session.recv())


@pytest.mark.parametrize(
    "frame",
    [
        "[1]",
        "5",
        b"\xff\x00",
        "[" * 100_000,
        f'{{"type": "reset", "data": {{"seed": {"9" * 5000}}}}}',
        '{"type": "step", "data": {"text": 5, "more": "\\ud800"}}',
        "x" * 17_000_000,
    ],
    ids=["list", "number", "bytes", "deep", "digits", "surrogate", "huge"],
)
def test_what_ends_a_session_ends_no_other(servers, frame):
    server, env = servers["several turns"], local("several turns")
    with server.client().sync() as other:
        other.reset(seed=5)
        env.reset(seed=5)
        with server.raw() as session:
            session.send(frame)
            said = list(messages_until_closed(session))
            assert [answer["data"]["code"] for answer in said] in (["SESSION_ERROR"], [])
        assert other.step("A to B").observation.text == env.step("A to B")[0]
    assert server.process.poll() is None


def test_what_is_malformed_over_http(servers):
    server = servers["one turn"]
    long = "x" * (LONGEST_ACTION + 1)
    for path, body, status, part in (
        ("/reset", b'{"seed"', 422, "JSON decode error"),
        ("/reset", b"\xff\xfe", 422, "JSON decode error"),
        ("/reset", [], 422, "valid dictionary"),
        ("/reset", {"seed": -1}, 422, "greater than or equal to 0"),
        ("/reset", {"seed": "seven"}, 422, "valid integer"),
        ("/reset", {"level": 99}, 422, "level must be from 1 to 10"),
        ("/reset", {"levle": 3}, 422, "did you mean 'level'?"),
        ("/reset", {"reveal": True}, 422, "unknown argument 'reveal'"),
        ("/step", {}, 422, "Field required"),
        ("/step", {"action": "up"}, 422, "valid dictionary"),
        ("/step", {"action": {}}, 422, "Field required"),
        ("/step", {"action": {"text": 5}, "seed": 1}, 422, "valid string"),
        ("/step", {"action": {"text": long}, "seed": 1}, 422, f"at most {LONGEST_ACTION}"),
        ("/step", {"action": {"text": "up"}}, 422, "HTTP keeps no session"),
        ("/step", {"action": {"text": "up"}, "seed": -1}, 422, "greater or equal to zero"),
        ("/step", {"action": {"text": "up"}, "level": 2}, 422, "a step that has a seed"),
        ("/step", {"action": {"text": "up"}, "sed": 2}, 422, "did you mean 'seed'?"),
        ("/nowhere", {}, 404, "Not Found"),
        ("/mcp", b"{", 200, "Parse error"),
    ):
        got, answer = server.http(path, body)
        assert (got, part in json.dumps(answer)) == (status, True), (path, answer)
    body = {"action": {"text": "\ud800"}, "seed": 1}
    assert server.http("/step", body)[1]["done"]
    assert server.http("/health") == (200, {"status": "healthy"})


def test_what_the_server_tells_of_itself(servers):
    server = servers["several turns"]
    assert server.http("/metadata")[1] | {"version": ""} == {
        "name": "TowerOfHanoi-v0",
        "description": "Disks on three pegs, from any arrangement to any other",
        "version": "",
        "readme_content": None,
        "author": None,
        "documentation_url": None,
    }
    assert server.http("/state")[1]["step_count"] == 0
    schema = server.http("/schema")[1]["action"]["properties"]["text"]
    assert schema["maxLength"] == LONGEST_ACTION
    found = subprocess.run([OPENENV, "validate", "--url", server.url], capture_output=True)
    assert found.returncode == 0, found.stdout


def test_an_interrupt_ends_it_quietly():
    with serve("TextMaze-v0") as server, server.client().sync() as client:
        client.reset(seed=1)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait() == 0
        assert (server.process.stdout.read(), server.complaints()) == ("\n", "")


def test_a_port_that_is_taken(servers):
    port = servers["one turn"].url.rpartition(":")[2]
    finished = subprocess.run(
        [sys.executable, "-m", "reasoning_gym_envs", "serve", "TextMaze-v0", "--port", port],
        capture_output=True,
        text=True,
    )
    assert (finished.returncode, finished.stdout) == (2, "")
    assert f"cannot serve on 127.0.0.1, port {port}: Address already in use" in finished.stderr
    assert "--port 0" in finished.stderr


def test_bad_arguments_are_said_at_once():
    with pytest.raises(ValueError, match="did you mean 'TextMaze-v0'"):
        make_app("TextMaz-v0")
    with pytest.raises(ValueError, match="unknown environment"):
        make_app("os:TextMaze-v0")
    with pytest.raises(TypeError, match="did you mean 'level'"):
        make_app("TextMaze-v0", levle=3)
    with pytest.raises(TypeError, match="only a TextEnv is served"):
        make_app("CartPole-v1")


def test_a_reset_that_fails_leaves_the_episode():
    environment, env = ReasoningEnvironment("TowerOfHanoi-v0"), gym.make("TowerOfHanoi-v0")
    environment.reset(seed=3)
    env.reset(seed=3)
    with pytest.raises(BadRequest):
        environment.reset(seed=4, level=99)
    assert environment.state.seed == 3
    assert environment.step(ReasoningAction(text="A to B")).text == env.step("A to B")[0]


def test_none_of_that_made_a_server_complain(servers):
    for server in servers.values():
        assert server.complaints() == ""


# The folder of a Space.


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spaces") / "hanoi"
    words = ["serve", "TowerOfHanoi-v0", "--level", "1-3", "--arg", 'reward={"mode": "dense"}']
    finished = subprocess.run(
        [sys.executable, "-m", "reasoning_gym_envs", *words, "--write-space", str(folder)],
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    assert f"openenv push {folder}" in finished.stdout
    return folder


def test_a_space_is_valid_once_it_is_locked(space):
    finished = subprocess.run([OPENENV, "validate", "--json", str(space)], capture_output=True)
    # `uv lock` writes that file, and needs an index of packages.
    missing = "Missing uv.lock - run 'uv lock' to generate it"
    assert json.loads(finished.stdout)["issues"] == [missing]


@contextlib.contextmanager
def hub():
    """As much of a hub as an upload to it needs; gives its address and the files that came."""
    files = {}

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer({"name": "owner", "type": "user", "orgs": []})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.endswith("/preupload/main"):
                named = [{"path": file["path"]} for file in json.loads(body)["files"]]
                kept = {"uploadMode": "regular", "shouldIgnore": False, "oid": None}
                self.answer({"files": [file | kept for file in named]})
            elif self.path.endswith("/commit/main"):
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        content = base64.b64decode(line["value"]["content"])
                        files[line["value"]["path"]] = content.decode()
                self.answer(
                    {
                        "commitUrl": f"{url}/spaces/owner/{space_name}/commit/1",
                        "commitOid": "1" * 40,
                    }
                )
            else:
                self.answer({"url": f"{url}/spaces/owner/{space_name}", "errors": []})

        def answer(self, what):
            data = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    space_name = "towerofhanoi_v0"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url, files
    finally:
        server.shutdown()
        server.server_close()


def test_openenv_pushes_a_space_and_what_it_pushes_runs(space, tmp_path):
    with hub() as (url, files):
        surroundings = {name: value for name, value in os.environ.items() if "proxy" not in name}
        surroundings |= {
            "HF_ENDPOINT": url,
            "HF_TOKEN": "none",
            "HF_HOME": str(tmp_path),
            "HF_HUB_DISABLE_XET": "1",
        }
        finished = subprocess.run(
            [OPENENV, "push", str(space)], capture_output=True, text=True, env=surroundings
        )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert set(files) == {str(f.relative_to(space)) for f in space.rglob("*") if f.is_file()}
    for path, text in files.items():
        file = tmp_path / "app" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    instructions = [line.partition(" ") for line in files["Dockerfile"].splitlines()]
    words = json.loads(next(rest for word, _, rest in instructions if word == "CMD"))
    assert words[-4:] == ["--host", "0.0.0.0", "--port", "8000"]
    command = [sys.executable, "-m", *words[:-4], "--port", "0"]
    web = os.environ | {"ENABLE_WEB_INTERFACE": "true"}  # which `openenv push` puts into it
    assert "ENV ENABLE_WEB_INTERFACE=true" in files["Dockerfile"]
    env = gym.make("TowerOfHanoi-v0", level=(1, 3), reward="dense")
    with (
        running(command, "stderr", cwd=tmp_path / "app", env=web) as server,
        server.client().sync() as client,
    ):
        for seed in range(5):
            assert client.reset(seed=seed).observation.text == env.reset(seed=seed)[0]
            assert client.step("A to B").reward == env.step("A to B")[1]
        status, answer = server.http("/web/reset", {"seed": 3})
        assert (status, answer["observation"]["text"]) == (200, env.reset(seed=3)[0])
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            server.url + "/web/"
        ) as page:
            assert page.status == 200


# The page.


def test_the_lines_of_the_page(tmp_path):
    (started, (curl, *words)) = commands("OpenEnv", {})
    assert curl == "curl"
    env = gym.make("TowerOfHanoi-v0", level=2)
    said = [env.reset(seed=7)[0]]
    is_over = False
    while not is_over:
        text, _, terminated, truncated, _ = env.step("A to B")
        said.append(text)
        is_over = terminated or truncated
    with serve(*started[2:]) as server:
        printed = run(lines("OpenEnv", {"http://127.0.0.1:8000": server.url}), tmp_path)
        assert printed == "\n".join([*said[:-1], "0.0\n"])
        body = words[words.index("-d") + 1]
        status, answer = server.http("/step", body.encode())
    assert (status, answer["observation"]["text"]) == (200, said[1])
    assert words[1] == "http://127.0.0.1:8000/step"
