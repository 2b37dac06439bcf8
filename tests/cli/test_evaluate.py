"""The commands that benchmark an agent, as a user types them."""

import json

import pytest

from reasoning_gym_envs.cli import main
from reasoning_gym_envs.evaluation import load_suite, players
from reasoning_gym_envs.evaluation.suites import PLANS
from tests.evaluation.server import Server, completion


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """A command in an empty folder; gives its status and what it says on both streams."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def run(*words):
        try:
            status = main([str(word) for word in words])
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


SMALL = ("--ids", "MathBoxed-v0", "TowerOfHanoi-v0", "--levels", "1", "2", "--count", "4")


def test_an_evaluation_from_begin_to_end(run, tmp_path):
    status, out, err = run("evaluate", "reference", *SMALL)
    assert status == 0, err
    folder = tmp_path / "runs" / "reference-MathBoxed-v0-TowerOfHanoi-v0"
    assert "16 problems" in out
    assert out.count("100.0 (67.6–100.0)") == 2
    assert "There is no total: this is no suite." in out
    lines = (folder / "episodes.jsonl").read_text().splitlines()
    assert len(lines) == 16
    # The same command has nothing left to play.
    before = (folder / "episodes.jsonl").read_bytes()
    assert run("evaluate", "reference", *SMALL)[0] == 0
    assert (folder / "episodes.jsonl").read_bytes() == before
    # What it said can be computed again.
    (folder / "summary.json").unlink()
    status, again, _ = run("summarise", folder)
    assert status == 0
    assert again in out
    assert json.loads((folder / "summary.json").read_text())["total"]["episodes"] == 16
    assert "level 2" in run("summarise", folder, "--by", "level")[1]


def test_a_suite_has_a_total(run, tmp_path):
    status, out, err = run("evaluate", "random", "--suite", "smoke", "--out", "random")
    assert status == 0, err
    hash = load_suite("smoke").hash
    assert f"random on smoke v1 ({hash}), 1 of each problem; 95% intervals" in out
    assert "\ntotal " in out
    assert run("evaluate", "reference", "--suite", "smoke", "--out", "reference")[0] == 0
    status, out, _ = run("compare", "reference", "random")
    assert status == 0
    assert out.splitlines()[-1] == "The first is better."
    status, out, _ = run("compare", "random", "random")
    assert "Neither is shown to be better" in out
    status, _, err = run("evaluate", "reference", "--suite", "smoke", "--out", "random")
    assert status == 2
    assert "has another run: agent is {'agent': 'random'} there" in err


def test_what_is_incomplete_has_no_total(run, tmp_path):
    run("evaluate", "random", "--suite", "smoke", "--out", "run")
    lines = (tmp_path / "run" / "episodes.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "run" / "episodes.jsonl").write_text("".join(lines[:-3]))
    _, out, _ = run("summarise", "run")
    assert "There is no total: 3 episodes are missing." in out
    assert "\ntotal" not in out


def test_suites_are_listed(run):
    status, out, _ = run("suites")
    assert status == 0
    for name in PLANS:
        suite = load_suite(name)
        assert f"{name} v{suite.version} ({suite.hash}): {len(suite.problems):,} problems" in out
    assert "not measured" not in out
    listed = json.loads(run("suites", "--json")[1])
    assert [each["name"] for each in listed] == list(PLANS)
    assert all(0 <= each["floor"] < 0.1 for each in listed)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["random"], "one of the arguments --suite --ids is required"),
        (["--suite", "smoke"], "give an AGENT"),
        (["random", "--model", "m", "--suite", "smoke"], "give an AGENT"),
        (["nobody", "--suite", "smoke"], "'nobody' is no agent: give random, constant"),
        (["random", "--suite", "smok"], "did you mean 'smoke'"),
        (["random", "--ids", "TextMase-v0"], "did you mean 'TextMaze-v0'"),
        (["random", "--ids", "TextMaze-v0", "--arg", "viev=map"], "did you mean 'view'"),
        (["random", "--ids", "TowerOfHanoi-v0", "--levels", "1"], "cannot all be different"),
        (["random", "--suite", "smoke", "--arg", "view=map"], "choose problems of --ids"),
        (["random", "--suite", "smoke", "--levels", "3"], "choose problems of --ids"),
        (["random", "--suite", "smoke", "--count", "3"], "choose problems of --ids"),
        (["random", "--suite", "smoke", "-k", "0"], "samples must be 1 or more"),
        (["random", "--suite", "smoke", "--seed", "-1"], "seed must be 0 or more"),
        (["random", "--suite", "smoke", "--workers", "0"], "workers must be 1 or more"),
        (["random", "--ids", "MathBoxed-v0", "MathBoxed-v0"], "MathBoxed-v0 is given twice"),
        (["nobody", "--suite", "smoke", "--dry-run"], "'nobody' is no agent"),
        (["--model", "m", "--suite", "smoke", "-k", "2", "--temperature", "0"], "are the same"),
        (["--model", "m", "--suite", "smoke", "--workers", "2"], "give --concurrency"),
        (["--model", "m", "--suite", "smoke", "--base-url", "no"], "base_url must begin with"),
    ],
)
def test_what_is_wrong_is_said(words, message, run):
    status, _, err = run("evaluate", *words)
    assert status == 2
    assert message in err
    assert "Traceback" not in err


def test_a_launcher_is_none_of_its_workers(run, tmp_path, monkeypatch):
    """It would start several, of which one writes; and stops all when the others give up."""
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    status, _, err = run("evaluate", "random", *SMALL, "--out", "run")
    assert status == 2
    assert "start it without a launcher such as torchrun" in err
    assert not (tmp_path / "run").exists()
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert run("evaluate", "random", *SMALL, "--out", "run")[0] == 0


@pytest.mark.parametrize("config", [{"algorithm": "grpo"}, {"model_type": "qwen2"}])
def test_the_folder_of_a_run_or_a_model_is_played_from_a_checkout(
    config, run, tmp_path, monkeypatch
):
    monkeypatch.setattr(players, "_KINDS", [players._scripted])  # what the package knows by itself
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "config.json").write_text(json.dumps(config))
    status, _, err = run("evaluate", "it", "--suite", "smoke")
    assert status == 2
    assert "checkout of the repository: python -m baselines evaluate it" in err


@pytest.mark.parametrize("command", [["summarise", "no"], ["compare", "no", "no"]])
def test_a_folder_without_an_evaluation(command, run):
    status, _, err = run(*command)
    assert status == 2
    assert "no has no evaluation: there is no run.json in it" in err


def test_runs_of_different_problems_are_not_compared(run):
    run("evaluate", "random", *SMALL, "--out", "one")
    run("evaluate", "random", "--ids", "MathBoxed-v0", "--count", "3", "--out", "other")
    status, _, err = run("compare", "one", "other")
    assert status == 2
    assert "only runs of the same problems can be compared" in err


def test_without_an_engine_a_suite_with_programs_stops(run, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    from reasoning_gym_envs import sandbox

    monkeypatch.setattr(sandbox, "_shared", {})
    status, _, err = run("evaluate", "random", "--suite", "code")
    assert status == 2
    assert "code v1 cannot be played whole here" in err
    assert "CodeFunction-v0, CodeRepair-v0: no sandbox to run code in" in err
    status, out, err = run("evaluate", "random", "--suite", "code", "--skip-unavailable")
    assert status == 0, err
    assert "left out: CodeFunction-v0, CodeRepair-v0" in out
    assert "There is no total: this is no suite." in out
    assert "200 problems" in out


def test_ids_of_ones_own_are_left_out_too(run, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    from reasoning_gym_envs import sandbox

    monkeypatch.setattr(sandbox, "_shared", {})
    words = ("evaluate", "random", "--count", "2", "--skip-unavailable", "--ids", "CodeFunction-v0")
    status, out, err = run(*words, "MathBoxed-v0", "--out", "both")
    assert status == 0, err
    assert "MathBoxed-v0: 2 problems" in out
    assert "left out: CodeFunction-v0" in out
    status, _, err = run(*words, "--out", "none")
    assert status == 2
    assert "nothing of CodeFunction-v0 can be played here.\nCodeFunction-v0: no sandbox" in err
    status, _, err = run(*words[:-3], *words[-2:], "MathBoxed-v0")
    assert status == 2
    assert "CodeFunction-v0, MathBoxed-v0 cannot be played whole here" in err
    # What was asked for by name needs no engine.
    status, out, err = run(*words, "--arg", "sandbox=process-unsafe", "--out", "unsafe")
    assert status == 0, err
    assert "CodeFunction-v0: 2 problems" in out


def test_what_is_compared_before_its_end_says_so(run, tmp_path):
    for agent in ("random", "reference"):
        run("evaluate", agent, "--suite", "smoke", "--out", agent)
        file = tmp_path / agent / "episodes.jsonl"
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(lines[:50]))
    out = run("compare", "reference", "random")[1]
    assert "58 episodes of the first are missing." in out
    assert "58 episodes of the second are missing." in out
    assert out.splitlines()[-1] == "As far as they have got, the first is better."
    asked = json.loads((tmp_path / "random" / "run.json").read_text())
    asked["versions"]["reasoning-gym-envs"] = "0.0.9"
    (tmp_path / "random" / "run.json").write_text(json.dumps(asked))
    out = run("compare", "random", "reference")[1]
    assert "The first was judged by version 0.0.9 of the package, the second by" in out


def test_a_leaderboard_is_of_the_episodes_and_of_whole_suites(run, tmp_path):
    for agent in ("random", "reference"):
        run("evaluate", agent, "--suite", "smoke", "--out", agent)
    whole = run("leaderboard", "reference")[1].splitlines()[0]
    file = tmp_path / "random" / "episodes.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:50]))  # its summary.json is of all of them
    rows = run("leaderboard", "random", "reference")[1].splitlines()
    assert rows[0] == whole
    assert [row.split("|")[2].strip() for row in rows[-2:]] == ["100.0 (96.6–100.0)", ""]
    (tmp_path / "reference" / "summary.json").unlink()
    assert run("leaderboard", "reference")[1].splitlines()[0] == whole


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 1, "total": 2, "by_family": {}}'])
def test_what_is_no_result_is_named(text, run, tmp_path):
    (tmp_path / "result.json").write_text(text)
    status, _, err = run("leaderboard", "result.json")
    assert status == 2
    assert "result.json is no summary of an evaluation: give a run folder" in err
    (tmp_path / "folder").mkdir()
    assert "folder has no evaluation" in run("leaderboard", "folder")[2]


def test_results_of_one_name_say_what_they_differ_in(run):
    run("evaluate", "reference", "--suite", "smoke", "--out", "reference")
    for out, *words in (("a", "--seed", "1"), ("b", "--seed", "1", "--system-prompt", "Be | wise")):
        run("evaluate", "random", "--suite", "smoke", "--out", out, *words)
    rows = run("leaderboard", "a", "b", "reference")[1].splitlines()
    assert {row.split(" | ")[0] for row in rows if row.startswith("| `")} == {
        "| `reference`",
        "| `random`, system None",
        "| `random`, system Be \\| wise",
    }


def test_names_end_no_row_of_a_table(run):
    name = "constant:`\n| best | 100.0 |<img>\x1b[2J"
    assert run("evaluate", name, "--suite", "smoke", "--out", "run")[0] == 0
    for words in (["leaderboard", "run"], ["summarise", "run"], ["compare", "run", "run"]):
        out = run(*words)[1]
        assert "\x1b" not in out
        assert not [line for line in out.splitlines() if line.startswith("| best")]
    assert "<img>" not in run("leaderboard", "run")[1]


def test_a_leaderboard_has_the_best_at_the_top(run, tmp_path):
    for agent in ("random", "reference", "constant"):
        run("evaluate", agent, "--suite", "smoke", "--out", agent)
    run("evaluate", "reference", *SMALL, "--out", "small")
    status, out, err = run("leaderboard", "random", "constant", "reference/summary.json", "small")
    assert status == 0, err
    rows = [line for line in out.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == ["reference", "random", "constant", "reference"]
    assert "100.0 (96.6–100.0)" in rows[0]
    assert rows[3].split("|")[2].strip() == ""  # no suite, no total
    assert f"**smoke v1** (`{load_suite('smoke').hash}`), 108 problems" in out
    # What is incomplete stands at the end, without a total.
    lines = (tmp_path / "reference" / "episodes.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "reference" / "episodes.jsonl").write_text("".join(lines[:-1]))
    run("summarise", "reference")
    rows = run("leaderboard", "random", "reference")[1].splitlines()[-2:]
    assert [row.split("`")[1] for row in rows] == ["random", "reference"]
    assert rows[1].split("|")[2].strip() == ""
    status, _, err = run("leaderboard", "nowhere")
    assert status == 2
    (tmp_path / "other.json").write_text("{}")
    assert "is no summary of an evaluation" in run("leaderboard", "other.json")[2]


# A model behind a server.


def test_a_model_behind_a_server(run, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-nobody-but-us")
    with Server(completion("\\boxed{7}")) as server:
        words = ("evaluate", "--model", "m", "--base-url", server.url, *SMALL, "--out", "run")
        status, out, err = run(*words, "--max-requests", "10")
        assert status == 1
        assert "10 requests are sent, the limit" in err
        done = (tmp_path / "run" / "episodes.jsonl").read_text().splitlines()
        assert len(done) >= 8
        status, out, err = run(*words)
        assert status == 0, err
    assert "tokens written in an episode" in out
    written = "".join(f.read_text() for f in (tmp_path / "run").iterdir() if f.is_file())
    assert "sk-of-nobody" not in written + out + err
    assert json.loads((tmp_path / "run" / "run.json").read_text())["agent"]["agent"] == "m"


def test_what_is_spent_is_written_with_each_episode(run, tmp_path):
    """So who is killed has not spent it for nothing: the limits hold over all calls."""
    seen = []

    def answer(handler):
        file = tmp_path / "run" / "spent.json"
        seen.append(json.loads(file.read_text())["requests"] if file.exists() else None)
        completion("\\boxed{7}")(handler)

    words = ("--ids", "MathBoxed-v0", "--count", "6", "--concurrency", "1", "--out", "run")
    with Server(answer) as server:
        status, _, err = run("evaluate", "--model", "m", "--base-url", server.url, *words)
    assert status == 0, err
    assert seen == [0, 1, 2, 3, 4, 5]
    assert json.loads((tmp_path / "run" / "spent.json").read_text())["requests"] == 6
    # Who is refused leaves no trace, and what is damaged is named.
    run("evaluate", "random", *SMALL, "--out", "other")
    assert run("evaluate", "--model", "m", *SMALL, "--out", "other")[0] == 2
    assert not (tmp_path / "other" / "spent.json").exists()
    (tmp_path / "run" / "spent.json").write_text("")
    status, _, err = run("evaluate", "--model", "m", "--base-url", server.url, *words)
    assert status == 2
    assert "spent.json, which says what was spent so far, is damaged" in err


def test_a_dry_run_asks_nobody(run, tmp_path):
    status, out, _ = run(
        *("evaluate", "--model", "m", "--suite", "smoke", "--dry-run", "--prices", "1", "2")
    )
    assert status == 0
    assert "one turn for each episode: 108 requests" in out
    assert "dollars" in out
    assert list(tmp_path.iterdir()) == []
    assert "reference sends no requests" in run("evaluate", "reference", *SMALL, "--dry-run")[1]
