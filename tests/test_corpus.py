"""Problems from files, data sets and lists."""

import gzip
import json
import math
import os
import re
from collections import Counter

import gymnasium as gym
import pytest

from reasoning_gym_envs import Stream, corpus_rows
from reasoning_gym_envs.answers import strictest_form
from reasoning_gym_envs.corpus import Corpus, level_field, read_problem
from reasoning_gym_envs.corpus_rows import ProblemFileError, rows_of

GSM8K = {
    "question": "Tom has 3 bags of 12 apples and eats 5. How many are left?",
    "answer": "He had 3*12 = <<3*12=36>>36 apples.\nNow 36-5 = <<36-5=31>>31.\n#### 31",
}
MATH = {
    "problem": "What is $\\frac{1}{2} + \\frac{1}{3}$?",
    "level": "Level 4",
    "type": "Prealgebra",
    "solution": "We get $\\frac{3}{6}+\\frac{2}{6} = \\frac{5}{6}$, so \\boxed{\\frac{5}{6}}.",
}


def rows(n=200):
    return [
        {"question": f"What is {i} + {i}?", "answer": str(2 * i), "level": i % 5 + 1}
        for i in range(n)
    ]


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


@pytest.fixture
def corpus(tmp_path):
    return write(tmp_path / "sums.jsonl", map(json.dumps, rows()))


def make(problems, **arguments):
    return gym.make("MathBoxed-v0", problems=problems, **arguments).unwrapped


def test_a_file_is_played_like_generated_problems(corpus):
    env = make(corpus)
    for seed in range(20):
        observation, info = env.reset(seed=seed)
        assert observation.startswith("What is ")
        assert set(info) == {"level", "turn", "problem_id", "topic"}
        assert env.step(env.solution()[0])[4]["is_success"]
        assert make(corpus).reset(seed=seed) == (observation, info)


def test_levels_and_splits_of_a_file(corpus):
    def drawn(**arguments):
        env = make(corpus, **arguments)
        return [env.reset()[1] for _ in range(600)]

    assert {info["level"] for info in drawn()} == {1, 2, 3, 4, 5}  # all, unless asked
    assert {info["level"] for info in drawn(level=2)} == {2}
    assert {info["level"] for info in drawn(level=(2, 3))} == {2, 3}
    train = {info["problem_id"] for info in drawn()}
    test = {info["problem_id"] for info in drawn(split="test")}
    assert not train & test
    assert len(train) + len(test) > 180


def test_a_level_of_one_episode(corpus):
    env = make(corpus)
    assert env.reset(options={"level": 5})[1]["level"] == 5
    with pytest.raises(ProblemFileError, match=r"no problem of level 9 to 9.*level 1: \d+"):
        env.reset(options={"level": 9})


def test_gsm8k_and_math_are_understood():
    problem = read_problem(GSM8K, "here")
    assert (problem.answer, problem.steps) == ("31", ("3*12=36", "36-5=31"))
    assert (problem.level, problem.topic, problem.family) == (1, "corpus", "corpus")
    problem = read_problem(MATH, "here")
    assert (problem.answer, problem.level, problem.topic) == ("\\frac{5}{6}", 4, "Prealgebra")
    assert (problem.question, problem.steps) == (MATH["problem"], (MATH["solution"],))
    assert problem.form == strictest_form("\\frac{5}{6}")
    without_steps = {"question": "?", "answer": "So it is five.  #### 5 "}
    problem = read_problem(without_steps, "here")
    assert (problem.answer, problem.steps) == ("5", ("So it is five.",))
    # an answer that is given counts before the solution, which is then its steps
    both = read_problem({**MATH, "answer": "\\frac{10}{12}"}, "here")
    assert (both.answer, both.steps) == ("\\frac{10}{12}", (MATH["solution"],))
    assert read_problem({"question": "?", "answer": "5", "solution": 5}, "here").steps == ()


@pytest.mark.parametrize("field", ["topic", "type", "subject"])
def test_a_topic_may_have_several_names(field):
    row = {"question": "?", "answer": "5", field: "sums"}
    assert read_problem(row, "here").topic == "sums"
    assert read_problem({**row, field: 5}, "here").topic == "corpus"


def test_the_first_of_several_fields_counts():
    row = {"problem": "second", "question": "first", "answer": "5"}
    assert read_problem(row, "here").question == "first"
    row = {"subject": "third", "type": "second", "topic": "first", "question": "?", "answer": "5"}
    assert read_problem(row, "here").topic == "first"


@pytest.mark.parametrize(
    ("level", "expected"),
    [(1, 1), (10, 10), ("7", 7), ("Level 3", 3), (" level 03 ", 3), ("LEVEL 9", 9), (None, 6)],
)
def test_levels_are_numbers_or_said_so(level, expected):
    row = {"question": "?", "answer": "5", "level": level}
    assert read_problem(row, "here", 6).level == expected
    assert level_field(level, "here", 6) == expected


@pytest.mark.parametrize("level", [0, 11, -1, True, 3.5, "three", "Level", "3 of 5", [3]])
def test_what_is_no_level_is_refused(level):
    with pytest.raises(
        ProblemFileError, match=f"^here: 'level' must be 1 to 10, got {re.escape(repr(level))}$"
    ):
        level_field(level, "here", 1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["question"], "here: expected an object, got list"),
        (
            {"question": "?", "solution": 3},
            "here: no 'answer' (nor a 'solution' with a \\boxed{} one",
        ),
        ({"question": "?", 7: 3}, "; the fields are ['7', 'question']"),
        ({"answer": "5", 7: 3}, "here: no 'question' or 'problem'; the fields are ['7', 'answer']"),
        ({"question": "?", "solution": "so 5"}, "here: 'solution' has no \\boxed{} answer"),
        ({"question": "?", "answer": "((3"}, "here: the answer cannot be read: "),
        ({"question": "?", "answer": True}, "here: 'answer' must be a text"),
        ({"question": " ", "answer": "5"}, "here: 'question' must be a text"),
        ({"question": "?", "answer": math.inf}, "here: 'answer' must be finite, got inf"),
        ({"question": "?", "answer": "5", "level": 11}, "here: 'level' must be 1 to 10, got 11"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_place(row, message):
    with pytest.raises(ProblemFileError, match=re.escape(message)):
        read_problem(row, "here")
    with pytest.raises(ProblemFileError, match=r"^problems, item 2: "):
        Corpus([{"question": "fine", "answer": "1"}, row], "train", (1, 10))


@pytest.mark.parametrize("problems", [{"question": "?"}, 5, None, b"name", [1]])
def test_what_is_no_corpus_is_refused(problems):
    error, message = TypeError, "problems must be a file.*, got " + type(problems).__name__
    if isinstance(problems, (bytes, list)):
        error, message = ProblemFileError, "problems, item 1: expected an object, got int"
    with pytest.raises(error, match=message):
        Corpus(problems, "train", (1, 10))


def test_an_empty_name_is_refused():
    with pytest.raises(ValueError, match="problems is an empty name"):
        Corpus("", "train", (1, 10))


class Unsuitable(ProblemFileError):
    """A row of a kind that is left out."""


def read_or_skip(row, where):
    if row["answer"] == "skip":
        raise Unsuitable(f"{where}: unsuitable")
    return read_problem(row, where)


@pytest.mark.parametrize("as_file", [True, False])
def test_rows_of_a_kind_are_left_out_where_asked(tmp_path, as_file):
    some = [*rows(40), {"question": "What now?", "answer": "skip"}]
    problems = write(tmp_path / "some.jsonl", map(json.dumps, some)) if as_file else some
    corpus = Corpus(problems, "test", (1, 10), read_or_skip, (Unsuitable,))
    assert corpus.split == "test"
    assert corpus.name == (problems if as_file else "problems")
    where = "some.jsonl, line 41" if as_file else "problems, item 41"
    assert corpus.refused == [f"{where}: unsuitable"]
    with pytest.raises(Unsuitable, match=f"^{where}: unsuitable$"):
        Corpus(problems, "test", (1, 10), read_or_skip)
    with pytest.raises(
        ProblemFileError, match=r"level 9 to 10 .*; it has level 1: .*; 1 were left"
    ):
        Corpus(problems, "train", (9, 10), read_or_skip, (Unsuitable,))
    with pytest.raises(ProblemFileError, match=r"level 1: \d+, level 2: \d+, .*level 5: \d+$"):
        Corpus(rows(40), "train", (9, 10))
    with pytest.raises(
        ProblemFileError, match=r"^problems has no problem of level 1 to 10 in the test split; .*$"
    ):
        Corpus([], "test", (1, 10))


def test_problems_are_drawn_evenly_whatever_their_levels():
    few = [{"question": f"What is {i}?", "answer": str(i), "level": 9} for i in range(8)]
    corpus = Corpus([*few, *rows(200)], "train", (1, 10))
    stream, drawn = Stream(0), Counter()
    for _ in range(20_000):
        drawn[corpus.draw(stream, (1, 10)).id] += 1
    expected = 20_000 / len(drawn)
    assert len(drawn) > 150
    assert all(0.5 * expected < n < 1.6 * expected for n in drawn.values())
    levels = {corpus.draw(stream, (2, 4)).level for _ in range(500)}
    assert levels == {2, 3, 4}


@pytest.mark.parametrize("row", [GSM8K, MATH])
def test_a_given_problem(row):
    env = gym.make("MathBoxed-v0", reward="dense").unwrapped
    observation, info = env.reset(options={"problem": row})
    assert observation.startswith(row.get("question") or row["problem"])
    assert info["level"] == (4 if row is MATH else 1)
    assert env.step(env.solution()[0])[4]["is_success"]
    env.reset(options={"problem": row, "level": 7})
    env.reset(options={"problem": GSM8K})
    assert env.step("3*12=36")[4]["reward_terms"]["progress"] == pytest.approx(0.5)


def test_the_question_is_not_its_answer():
    for question, answer, echo in (
        ("What is 12 × 7 + 5 × 6?", "114", "12 × 7 + 5 × 6"),
        ("Compute $\\frac12+\\frac13$.", "\\frac{5}{6}", "\\frac12+\\frac13"),
        ("Expand $(x+1)(x+2)$.", "x^2+3x+2", "(x+1)(x+2)"),
    ):
        env = gym.make("MathBoxed-v0", max_turns=2).unwrapped
        env.reset(options={"problem": {"question": question, "answer": answer}})
        said, _, _, _, info = env.step(f"\\boxed{{{echo}}}")
        assert info["answer_status"] == "wrong_form"
        assert "still has to be" in said
        assert env.step(f"\\boxed{{{answer}}}")[4]["is_success"]


@pytest.mark.parametrize(
    ("number", "answer"), [(1e-7, "0.0000001"), (1e16, "10000000000000000"), (0.1, "0.1"), (5, "5")]
)
def test_numbers_of_json_are_read_exactly(number, answer):
    assert read_problem({"question": "?", "answer": number}, "here").answer == answer


def test_small_differences_do_not_carry_a_problem_into_the_other_split():
    plain = read_problem({"question": "What is 3 + 4?", "answer": "7"}, "here")
    for question in ("what is 3 + 4?", " What  is 3+4? ", "What is ３ + 4?"):
        twin = read_problem({"question": question, "answer": "7", "topic": "sums"}, "here")
        assert twin.id == plain.id
    assert plain.content == "whatis3+4?"
    assert plain.id == "de55bc13ffa195a7"  # of test problems there are lists


def test_lists_of_mappings(corpus):
    assert make(rows()).reset(seed=3) == make(corpus).reset(seed=3)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{not json", "line 3: not JSON"),
        ("[1, 2]", "line 3: expected an object, got list"),
        ('{"answer": "3"}', "line 3: no 'question' or 'problem'; the fields are \\['answer'\\]"),
        ('{"question": "?"}', "line 3: no 'answer'"),
        ('{"question": "", "answer": "3"}', "line 3: 'question' must be a text"),
        ('{"question": "?", "answer": null}', "line 3: 'answer' must be a text"),
        ('{"question": "?", "answer": "((3"}', "line 3: the answer cannot be read"),
        ('{"question": "?", "answer": "3", "level": 11}', "line 3: 'level' must be 1 to 10"),
        ('{"question": "?", "answer": "3", "level": "Level ?"}', "line 3: 'level' must be 1 to 10"),
        ('{"problem": "?", "solution": "so 3"}', "line 3: 'solution' has no"),
        ("[" * 100_000, "line 3: not JSON"),
        ('{"question": "?", "answer": NaN}', "line 3: 'answer' must be finite"),
        ('{"question": "?", "answer": " 1 2 3"}', "line 3: the answer cannot be read"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, line, message):
    path = write(tmp_path / "bad.jsonl", ['{"question": "ok", "answer": "1"}', "", line])
    with pytest.raises(ProblemFileError, match=message):
        make(path)


def test_bytes_that_are_not_text_are_named(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b'{"question": "ok", "answer": "1"}\n{"question": "\xff", "answer": "1"}\n')
    with pytest.raises(
        ProblemFileError, match=r"^bad\.jsonl, line 2: not UTF-8: invalid start byte"
    ):
        make(path)


def test_a_byte_order_mark_and_a_last_line_without_an_end_are_understood(tmp_path):
    path = tmp_path / "marked.jsonl"
    lines = "\n\n".join(map(json.dumps, rows(40)))
    path.write_bytes(b"\xef\xbb\xbf" + lines.encode())
    corpus = Corpus(path, "train", (1, 10))
    same = Corpus(rows(40), "train", (1, 10))
    assert corpus.name == str(path)
    for seed in range(50):
        assert corpus.draw(Stream(seed), (1, 10)) == same.draw(Stream(seed), (1, 10))


def test_a_missing_file_is_named_with_its_neighbours(tmp_path, corpus):
    with pytest.raises(
        FileNotFoundError,
        match=r"no problem file '.*sum\.jsonl'; the nearest there are sums\.jsonl",
    ):
        make(str(tmp_path / "sum.jsonl"))
    with pytest.raises(FileNotFoundError, match="no problem file"):
        make(tmp_path / "nowhere")
    for nowhere in (tmp_path / "nowhere" / "else", str(tmp_path / "nowhere" / "else.json")):
        with pytest.raises(FileNotFoundError, match=f"^no problem file '{nowhere}'$"):
            make(nowhere)
    for name in ("sums-1", "sums-2", "sums-3"):
        write(tmp_path / f"{name}.jsonl", [])
    write(tmp_path / "sums.txt", [])
    with pytest.raises(FileNotFoundError, match=r"nearest there are (\S+\.jsonl(, )?){3}$"):
        make(str(tmp_path / "sum.jsonl"))


def test_a_file_that_changes_is_read_again(tmp_path):
    path = tmp_path / "changing.jsonl"
    write(path, map(json.dumps, rows(50)))
    make(str(path))
    write(path, ['{"question": "new", "answer": "1"}'] + [json.dumps(r) for r in rows(300)])
    env = make(str(path))
    assert len({env.reset()[1]["problem_id"] for _ in range(3000)}) > 200


def test_a_file_that_has_changed_in_time_or_size_alone_is_read_again(tmp_path):
    path = tmp_path / "changing.jsonl"
    for text, time in (("first", 1), ("other", 2), ("longer", 2)):
        write(path, [json.dumps({"question": f"{text} {i}", "answer": "1"}) for i in range(40)])
        os.utime(path, (time, time))
        assert Corpus(path, "train", (1, 10)).draw(Stream(0), (1, 10)).question.startswith(text)


def test_a_byte_order_mark_is_understood_in_the_first_line_alone(tmp_path):
    path = tmp_path / "marked.jsonl"
    line = b'\xef\xbb\xbf{"question": "fine", "answer": "1"}\n'
    path.write_bytes(line + line)
    with pytest.raises(ProblemFileError, match=r"^marked\.jsonl, line 2: not JSON: "):
        Corpus(path, "train", (1, 10))


def test_an_empty_half_is_said(tmp_path):
    path = write(tmp_path / "one.jsonl", ['{"question": "only one", "answer": "1"}'])
    outcomes = []
    for split in ("train", "test"):
        try:
            make(path, split=split)
            outcomes.append("made")
        except ProblemFileError as error:
            outcomes.append(str(error))
    assert "made" in outcomes
    assert any("none at any level" in outcome for outcome in outcomes)


def test_not_both_topics_and_problems(corpus):
    with pytest.raises(ValueError, match="not both"):
        make(corpus, topics="fractions")


def test_a_saved_hugging_face_data_set(tmp_path, corpus):
    datasets = pytest.importorskip("datasets", reason="Hugging Face datasets is not installed")
    datasets.disable_progress_bars()
    folder = str(tmp_path / "saved")
    datasets.Dataset.from_list(rows()).save_to_disk(folder)
    assert make(folder).reset(seed=3) == make(corpus).reset(seed=3)
    halves = {"train": rows()[:100], "test": rows()[100:]}
    parts = datasets.DatasetDict({k: datasets.Dataset.from_list(v) for k, v in halves.items()})
    parts.save_to_disk(str(tmp_path / "parts"))
    assert make(str(tmp_path / "parts")).reset(seed=3) == make(corpus).reset(seed=3)
    odd = datasets.Dataset.from_list([*rows(40), {"question": "", "answer": "skip", "level": 1}])
    odd.save_to_disk(str(tmp_path / "odd"))
    with pytest.raises(ProblemFileError, match=f"^{tmp_path}/odd, row 41: 'question' must"):
        make(str(tmp_path / "odd"))
    some = Corpus(str(tmp_path / "odd"), "train", (1, 10), read_or_skip, (Unsuitable,))
    assert some.refused == [f"{tmp_path}/odd, row 41: unsuitable"]


def test_a_named_data_set_goes_to_hugging_face(monkeypatch):
    datasets = pytest.importorskip("datasets", reason="Hugging Face datasets is not installed")
    asked = []

    def load_dataset(*args, **kwargs):
        asked.append((args, kwargs))
        return datasets.Dataset.from_list([*rows(), *odd])

    odd = []
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    make("openai/gsm8k:main:test").reset(seed=0)
    make("someone/sums").reset(seed=0)
    assert asked == [
        (("openai/gsm8k", "main"), {"split": "test"}),
        (("someone/sums", None), {"split": "train"}),
    ]
    odd.append({"question": "", "answer": "skip", "level": 1})
    with pytest.raises(ProblemFileError, match=r"^someone/sums, row 201: 'question' must be"):
        make("someone/sums")
    some = Corpus("someone/sums", "train", (1, 10), read_or_skip, (Unsuitable,))
    assert some.refused == ["someone/sums, row 201: unsuitable"]


def test_without_datasets_the_way_out_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(ImportError, match=f"^problems='{tmp_path}' is no file.*install datasets$"):
        make(str(tmp_path))
    with pytest.raises(
        ImportError, match=r"^problems='openai/gsm8k:main' is no file, .*: pip install datasets$"
    ):
        make("openai/gsm8k:main")


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "json", "json.gz", "parquet"])
def test_files_of_every_kind_hold_the_same_corpus(tmp_path, ending):
    path = tmp_path / f"same.{ending}"
    lines = "\n".join(map(json.dumps, rows(40)))
    data = (lines if "jsonl" in ending else json.dumps(rows(40))).encode()
    if ending == "parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is not installed")
        from pyarrow import Table, parquet

        parquet.write_table(Table.from_pylist(rows(40)), path)
    else:
        path.write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    corpus, same = Corpus(str(path), "train", (1, 10)), Corpus(rows(40), "train", (1, 10))
    for seed in range(20):
        assert corpus.draw(Stream(seed), (1, 10)) == same.draw(Stream(seed), (1, 10))
    unit = "line" if "jsonl" in ending else "row" if ending == "parquet" else "item"
    places = [where for where, _ in rows_of(path)]
    assert (places[0], len(places)) == (f"same.{ending}, {unit} 1", 40)


def test_lines_of_json_may_be_named_json(tmp_path):
    path = write(tmp_path / "lines.json", map(json.dumps, rows(3)))
    assert [where for where, _ in rows_of(path)] == [f"lines.json, line {n}" for n in (1, 2, 3)]


_CUT = gzip.compress(b"\n" * 99, mtime=0)[:-9]  # without the time: it stands in the test's name


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("cut.jsonl.gz", _CUT, "cut.jsonl.gz: not packed by gzip, or"),
        ("not.jsonl.gz", b"{}", "not.jsonl.gz: not packed by gzip"),
        ("not.json.gz", b"[]", "not.json.gz: not packed by gzip"),
        ("cut.json", b'[{"a": 1}', "cut.json: not JSON"),
        ("odd.json", b'["\xff"]', "odd.json: not UTF-8"),
        ("not.parquet", b"{}", "not.parquet: not a table"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    for skip in ((), (ProblemFileError,)):
        with pytest.raises(ProblemFileError, match=f"^{message}"):
            Corpus(tmp_path / name, "train", (1, 10), skip=skip)


def test_a_line_that_is_too_long_is_left_out_as_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_rows, "LONGEST_LINE", 100)
    long = json.dumps({"question": "x" * 500, "answer": "1"})
    lines = [json.dumps(row) for row in rows(40)]
    path = write(tmp_path / "long.jsonl", [long, *lines, long])
    corpus = Corpus(path, "train", (1, 10), skip=(ProblemFileError,))
    assert corpus.refused == [f"long.jsonl, line {n}: longer than 100 bytes" for n in (1, 42)]
    assert corpus.reasons == {"longer than 100 bytes": 2}
    (tmp_path / "long.json").write_text(f"[{long}]")
    with pytest.raises(ProblemFileError, match=r"^long\.json: longer than 100 bytes"):
        Corpus(tmp_path / "long.json", "train", (1, 10))


def test_any_row_can_be_left_out_and_the_reasons_are_counted(tmp_path):
    bad = [b"{", b"\xff", b"5", b'{"question": "?"}', b'{"question": "!"}']
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b"\n".join([json.dumps(row).encode() for row in rows(40)] + bad))
    corpus = Corpus(path, "train", (1, 10), skip=(ProblemFileError,))
    assert len(corpus.refused) == 5
    assert corpus.reasons["not JSON"] == corpus.reasons["not UTF-8"] == 1
    with pytest.raises(ProblemFileError, match="5 were left out; 1 for: not JSON; 1 for: not UTF"):
        Corpus(path, "train", (9, 10), skip=(ProblemFileError,))


def test_a_problem_can_be_refused_after_it_is_read():
    def refuse(problem):
        return "it is odd" if problem.question == rows(40)[6]["question"] else ""

    with pytest.raises(ProblemFileError, match=r"^problems, item 7: it is odd$"):
        Corpus(rows(40), "train", (1, 10), refuse=refuse)
    corpus = Corpus(rows(40), "train", (1, 10), skip=(ProblemFileError,), refuse=refuse)
    assert corpus.reasons == {"it is odd": 1}
