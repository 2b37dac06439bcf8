"""A server that speaks the protocol and misbehaves: nothing is lost, and nothing is a guess."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import socket
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import gymnasium as gym
import pytest

pytest.importorskip("httpx2")

from reasoning_gym_envs.evaluation.endpoint import (
    Endpoint,
    LimitReached,
    Prices,
    Refused,
    Spent,
    estimate,
    tokens_in,
)
from reasoning_gym_envs.evaluation.players import Turn, Unavailable
from tests.evaluation.server import (
    Server,
    body,
    completion,
    cut_off,
    drip,
    reset,
    silence,
    status,
    whole,
)

KEY = "sk-a-key-that-nobody-may-see"
QUESTION = [{"role": "user", "content": "2 + 2 = ?"}]
SECOND_TURN = [
    *QUESTION,
    {"role": "assistant", "content": "5"},
    {"role": "user", "content": "No. Try again."},
]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    """A key, no proxy, and no certificates: to load them takes longer than a test."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def turn():
    env = gym.make("MathBoxed-v0")
    _, info = env.reset(seed=0)
    return Turn(7, info, env.unwrapped)


def endpoint(server, waits=None, **arguments):
    """Waits are noted and not waited."""
    sleep = (lambda seconds: None) if waits is None else waits.append
    return Endpoint("small", server.url, **{"sleep": sleep, **arguments})


def asked(turn, *answers, messages=QUESTION, **arguments):
    """The reply to one conversation, and how often the server was asked."""
    with Server(*answers) as server, endpoint(server, **arguments) as player:
        return player.reply(messages, turn), len(server.requests)


# What is asked, and what is read. ----------------------------------------------------------------


def test_a_request_and_its_reply(turn):
    with (
        Server(completion("It is 4.")) as server,
        endpoint(server, temperature=0.5, max_tokens=77, extra={"top_p": 0.9}, prices=(2, 10)) as p,
    ):
        reply = p.reply(SECOND_TURN, turn)
        spent = p.spent
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["headers"]["Authorization"] == f"Bearer {KEY}"
    assert request["body"] == {
        "model": "small",
        "messages": SECOND_TURN,
        "max_tokens": 77,
        "temperature": 0.5,
        "seed": 7,
        "top_p": 0.9,
    }
    assert (reply.text, reply.reasoning, reply.cut_off) == ("It is 4.", "", False)
    assert (reply.prompt_tokens, reply.completion_tokens) == (10, 5)
    assert reply.cost == pytest.approx((2 * 10 + 10 * 5) / 1e6)
    assert spent == Spent(1, 10, 5, reply.cost)


def test_fields_that_are_left_out_and_renamed(turn):
    arguments = {"limit_field": "max_completion_tokens", "sends_seed": False}
    with Server(completion()) as server:
        for more in (arguments, {"max_tokens": None}):
            with endpoint(server, **more) as player:
                player.reply(QUESTION, turn)
    first, second = (set(request["body"]) for request in server.requests)
    assert first == {"model", "messages", "max_completion_tokens"}
    assert second == {"model", "messages", "seed"}


def test_a_turn_may_allow_fewer_tokens(turn):
    with Server(completion()) as server:
        for limit, allowed in ((77, 30), (30, 77), (None, 30)):
            with endpoint(server, max_tokens=limit) as player:
                player.reply(QUESTION, replace(turn, max_tokens=allowed))
    assert [request["body"]["max_tokens"] for request in server.requests] == [30, 30, 30]


def test_a_reply_that_has_begun_goes_on_where_the_server_can(turn):
    begun = [*QUESTION, {"role": "assistant", "content": "2 + 2 is"}]
    with Server(completion()) as server:
        for continues, messages in ((True, begun), (True, SECOND_TURN), (False, begun)):
            with endpoint(server, continues=continues) as player:
                player.reply(messages, turn)
    first, *others = (request["body"] for request in server.requests)
    assert first["messages"] == begun
    assert (first["continue_final_message"], first["add_generation_prompt"]) == (True, False)
    assert not any("continue_final_message" in body for body in others)


@pytest.mark.parametrize(
    ("message", "text", "reasoning", "is_cut_off"),
    [
        ({"text": "4", "finish_reason": "length"}, "4", "", True),
        ({"text": "4", "reasoning_content": "2, and 2"}, "4", "2, and 2", False),
        ({"text": "4", "reasoning": "2, and 2"}, "4", "2, and 2", False),
        ({"text": "", "reasoning_content": None}, "", "", False),
        # no content: the model has thought until it was cut off, called a tool, or refused
        ({"text": None, "finish_reason": "length", "reasoning": "2, and"}, "", "2, and", True),
        ({"text": None, "finish_reason": "length"}, "", "", True),  # usage says 5 tokens
        ({"text": None, "tool_calls": [{}], "usage": None}, "", "", False),
        ({"text": None, "refusal": "No.", "usage": {}}, "", "", False),
        (
            {
                "text": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "2, and 2"}]},
                    {"type": "text", "text": "It is "},
                    {"type": "text", "text": "4"},
                ]
            },
            "It is 4",
            "2, and 2",
            False,
        ),
        ({"text": "half \ud83d of a pair, \U0001f600"}, "half � of a pair, \U0001f600", "", False),
    ],
)
def test_what_a_message_says(turn, message, text, reasoning, is_cut_off):
    reply, requests = asked(turn, completion(**message))
    assert (reply.text, reply.reasoning, reply.cut_off) == (text, reasoning, is_cut_off)
    assert requests == 1
    reply.text.encode()


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12}, (3, 9)),
        # thoughts that stand in the total alone
        ({"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 112}, (3, 109)),
        ({"prompt_tokens": 3}, (3, None)),
        ({"prompt_tokens": 10**400, "completion_tokens": 4}, (None, 4)),
        ({"prompt_tokens": -3, "completion_tokens": True, "total_tokens": "12"}, (None, None)),
        (None, (None, None)),
        ([], (None, None)),
    ],
)
def test_tokens(turn, usage, tokens):
    reply, _ = asked(turn, completion(usage=usage), prices=(1, 1))
    assert (reply.prompt_tokens, reply.completion_tokens) == tokens
    assert (reply.cost is None) == (None in tokens)


# What the server does wrong. ---------------------------------------------------------------------

FAILURES = {
    "429": status(429),
    "500": status(500),
    "502, a page": body(b"<html>Bad gateway</html>", 502),
    "503, no body": body(b"", 503),
    "408": status(408),
    "cut off": cut_off,
    "reset": reset,
    "half of the JSON": body(json.dumps(whole()).encode()[:40]),
    "no body": body(b""),
    "a page": body(b"<!DOCTYPE html><title>Log in</title>"),
    "no UTF-8": body(b'{"choices": "\xff"}'),
    "too deep": body(b"[" * 100_000),
    "a number": body(b"4"),
    "no choices": body(b"{}"),
    "empty choices": body(b'{"choices": []}'),
    "a choice that is none": body(b'{"choices": [4]}'),
    "no message": body(b'{"choices": [{"finish_reason": "stop"}]}'),
    "null content": completion(None, usage=None),
    "null content, no tokens": completion(None, usage={"completion_tokens": 0}),
    "content that is no text": completion(4),
    "parts that are none": completion([{"type": "image"}]),
    "no end": completion(finish_reason=None),
    "aborted": completion(finish_reason="abort"),
    "an endless number": body(b'{"choices": ' + b"9" * 10_000 + b"}"),
    "an error of status 200": body(b'{"error": {"message": "no GPU left", "code": 502}}'),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_failures(turn, failure):
    """They are asked again; without end they are no verdict, and the message says what failed."""
    waits = []
    answers = (failure, failure, completion("4"), failure)
    with Server(*answers) as server, endpoint(server, waits, retries=2) as player:
        assert player.reply(QUESTION, turn).text == "4"
        assert len(server.requests) == 3
        assert 0.5 <= waits.pop(0) <= 1 <= waits.pop(0) <= 2
        assert waits == []
        with pytest.raises(Unavailable, match=r"/v1 failed 3 times, the last time: \w") as caught:
            player.reply(QUESTION, turn)
        assert len(server.requests) == 6
        assert len(waits) == 2
    assert len(str(caught.value)) < 450


def test_waits_grow_and_are_drawn(turn):
    both = []
    for _ in range(2):
        waits = []
        with pytest.raises(Unavailable, match="failed 10 times"):
            asked(turn, status(503), waits=waits, retries=9)
        for wait, longest in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
            assert longest / 2 <= wait <= longest
        both.append(waits)
    assert both[0] != both[1]


@pytest.mark.parametrize(
    ("code", "headers", "least", "most"),
    [
        (429, {"Retry-After": "7"}, 7, 8),
        (503, {"Retry-After": "0.5"}, 0.5, 1.5),
        (429, {"Retry-After": "600"}, 600, 601),
        # after what the server's clock says, whatever ours does
        (
            429,
            {
                "Retry-After": "Fri, 01 Jan 2021 00:00:30 GMT",
                "Date": "Fri, 01 Jan 2021 00:00:10 GMT",
            },
            20,
            21,
        ),
        (429, {"Retry-After": "Fri, 01 Jan 2021 00:00:30 GMT"}, 0.5, 1),  # that was long ago
        (429, {"Retry-After": "soon"}, 0.5, 1),
        (429, {"Retry-After": "-3"}, 0.5, 1),
        (429, {"Retry-After": "nan"}, 0.5, 1),
    ],
)
def test_a_pause_that_the_server_asks_for(turn, code, headers, least, most):
    waits = []
    asked(turn, status(code, **headers), completion(), waits=waits)
    (wait,) = waits
    assert least <= wait <= most


@pytest.mark.parametrize("pause", ["86400", "inf"])
def test_a_pause_of_a_day(turn, pause):
    waits = []
    with pytest.raises(Unavailable, match="s of rest"):
        asked(turn, status(429, **{"Retry-After": pause}), waits=waits)
    assert waits == []


def test_nobody_listens(turn):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with (
        Endpoint("small", url, retries=2, sleep=lambda _: None, prices=(1, 1)) as player,
        pytest.raises(Unavailable, match="failed 3 times, the last time: no connection"),
    ):
        player.reply(QUESTION, turn)
    assert player.spent == Spent(requests=3)


def test_silence(turn):
    with pytest.raises(
        Unavailable, match=r"failed 2 times, the last time: no answer within 0\.2 s"
    ):
        asked(turn, silence, retries=1, timeout=0.2)


def test_an_answer_that_drips(turn):
    """Each byte comes in time, and the whole does not."""
    now = iter(range(0, 10**6, 10))
    with pytest.raises(Unavailable, match="no whole answer within 100 seconds"):
        asked(turn, drip, retries=0, timeout=100, clock=lambda: next(now))
    reply, _ = asked(turn, drip, timeout=100, clock=lambda: 0.0)
    assert reply.text == "4"


# What no waiting helps. --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "fix"),
    [
        (status(401, f"wrong key {KEY}"), "set the environment variable OPENAI_API_KEY to a valid"),
        (status(403), "set the environment variable OPENAI_API_KEY to a valid"),
        (status(404, "no model small"), r"no model small.*most end in /v1.*/v1/models lists"),
        (body(b"<html>404</html>", 404), "most end in /v1"),
        (status(402), "no credit left"),
        (status(429, error_code="insufficient_quota"), "no credit left"),
        (
            status(400, "'max_tokens' is not supported: use 'max_completion_tokens'"),
            'give limit_field="max_completion_tokens"',
        ),
        (status(400, "temperature must be 1"), "leave temperature out"),
        (status(422, "unknown field seed"), "give sends_seed=False"),
        (status(400, "This model's maximum context length is 8"), "lower max_tokens"),
        (status(400, "too long", "context_length_exceeded"), "lower max_tokens"),
        (status(400, "unknown field top_q"), "unknown field top_q.*change what it names"),
        (body(b'{"object": "error", "message": "no such LoRA"}', 400), "no such LoRA"),
        (body(b"", 307, Location="/v2/?key=4"), "give the base_url that it redirects to"),
    ],
)
def test_refusals_stop_at_once(turn, answer, fix):
    with (
        Server(answer) as server,
        endpoint(server, temperature=0.3) as player,
        pytest.raises(Refused, match=fix) as caught,
    ):
        player.reply(QUESTION, turn)
    assert len(server.requests) == 1
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_conversation_that_has_outgrown_the_model(turn):
    answer = status(400, "This model's maximum context length is 8192 tokens.")
    reply, requests = asked(turn, answer, messages=SECOND_TURN, prices=(1, 1))
    assert (reply.text, reply.cut_off, requests) == ("", True, 1)
    with pytest.raises(Refused, match="lower max_tokens"):
        asked(turn, answer)
    with pytest.raises(Unavailable):  # a server that is down is down, whatever it says
        asked(turn, status(500, "context length"), messages=SECOND_TURN)


def test_a_redirection_is_not_followed(turn):
    """The key goes where it was meant to go."""
    with Server(completion()) as other:
        answer = body(b"", 308, Location=f"{other.url}/chat/completions")
        with pytest.raises(Refused, match="redirects to"):
            asked(turn, answer)
        assert other.requests == []


# The key. ----------------------------------------------------------------------------------------


def test_the_key_of_another_variable_and_none(turn, monkeypatch):
    monkeypatch.setenv("MY_KEY", " another-key\n")
    with Server(completion()) as server:
        for name in ("MY_KEY", "NOT_SET"):
            with endpoint(server, key_variable=name) as player:
                player.reply(QUESTION, turn)
    first, second = (request["headers"] for request in server.requests)
    assert first["Authorization"] == "Bearer another-key"
    assert "Authorization" not in second
    with pytest.raises(Refused, match=r"refuses a request without a key .* NOT_SET"):
        asked(turn, status(401), key_variable="NOT_SET")


def test_the_key_is_nowhere(turn, caplog):
    """Not where it is kept, nor logged, nor where a server repeats it."""
    caplog.set_level(logging.DEBUG)
    echo = completion(f"Your key is {KEY}.", reasoning=f"{KEY}, {KEY}")
    failing = status(500, f"what is {KEY}?")
    with Server(failing, echo) as server, endpoint(server) as player:
        reply = player.reply(QUESTION, turn)
        kept = [repr(player), str(vars(player)), json.dumps(player.about), str(player.spent)]
    assert reply.text == "Your key is [key]."
    assert reply.reasoning == "[key], [key]"
    escaped = json.dumps(whole(KEY, reasoning=KEY)).replace("sk-", "\\u0073k-").encode()
    assert KEY.encode() not in escaped
    hidden, _ = asked(turn, body(escaped))
    assert (hidden.text, hidden.reasoning) == ("[key]", "[key]")
    assert len(caplog.records) > 0
    for text in [*kept, caplog.text, str(reply)]:
        assert KEY not in text
    page = body(b"x" * 90 + KEY.encode() * 9)  # a quotation ends in the middle of it
    for answer in (failing, status(400, f"\x1b[31m{KEY}"), page):
        with pytest.raises((Refused, Unavailable)) as caught:
            asked(turn, answer, retries=0)
        assert KEY[:6] not in "".join(traceback.format_exception(caught.value))
        assert "\x1b" not in str(caught.value)


def test_a_key_that_cannot_be_sent_is_not_quoted(turn, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\nX-More: 1")
    with pytest.raises(ValueError, match="what OPENAI_API_KEY holds is no key") as caught:
        Endpoint("small", "http://localhost/v1")
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", [f"http://me:{KEY}@localhost/v1", f"http://localhost/v1?key={KEY}"])
def test_a_key_in_the_address(url):
    with pytest.raises(ValueError, match="put the key into the environment variable") as caught:
        Endpoint("small", url)
    assert KEY not in str(caught.value)


def test_a_word_that_local_servers_take_for_a_key_is_no_secret(turn, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    assert asked(turn, completion("There is none."))[0].text == "There is none."


def test_an_endpoint_is_of_one_process():
    with Endpoint("small", "http://localhost/v1") as player:
        for copied in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match="share it between threads"):
                copied(player)


# Limits. -----------------------------------------------------------------------------------------


def test_so_many_requests_and_no_more(turn):
    answers = [completion("1"), status(500), completion("2"), completion("3")]
    with Server(*answers) as server, endpoint(server, max_requests=4) as player:
        assert [player.reply(QUESTION, turn).text for _ in range(3)] == ["1", "2", "3"]
        with pytest.raises(LimitReached, match="4 requests are sent, the limit") as caught:
            player.reply(QUESTION, turn)
        assert caught.value.spent == player.spent == Spent(4, 30, 15)
    assert len(server.requests) == 4
    with pytest.raises(LimitReached):  # what was used before counts
        asked(turn, completion(), max_requests=4, spent=caught.value.spent)
    assert asked(turn, completion(), max_requests=5, spent=caught.value.spent)[1] == 1


def test_a_limit_reached_while_trying_again(turn):
    with (
        Server(status(500)) as server,
        endpoint(server, max_requests=2) as player,
        pytest.raises(LimitReached),
    ):
        player.reply(QUESTION, turn)
    assert len(server.requests) == 2


@pytest.mark.parametrize("tokens", [5, 100])
def test_cost_never_passes_its_limit(turn, tokens):
    """What is on its way can cost more than is left: then the threads wait for each other."""
    prices = Prices(1.0, 1000.0)  # 100 tokens, the most, are 10 cents
    usage = {"prompt_tokens": 10, "completion_tokens": tokens}
    arguments = {"max_tokens": 100, "prices": prices, "max_cost": 0.3, "concurrency": 16}
    replies = []

    def ask(player):
        try:
            while True:
                replies.append(player.reply(QUESTION, turn))
        except LimitReached as reached:
            return reached

    with Server(completion(usage=usage)) as server, endpoint(server, **arguments) as player:
        with ThreadPoolExecutor(16) as threads:
            ends = list(threads.map(ask, [player] * 16))
        spent = player.spent
    assert spent.cost == pytest.approx(len(replies) * prices.of(10, tokens))
    assert spent.requests == len(replies) == len(server.requests)
    # It ends where the most that a request can cost is no longer left, and no sooner.
    most = prices.of(len("2 + 2 = ?") + 16, 100)
    assert 0.3 - most < spent.cost <= 0.3
    assert {str(end) for end in ends} == {str(ends[0])}
    assert "of 0.3000 dollars are spent, and the next request can cost 0.1000" in str(ends[0])


def test_what_may_be_charged_for_counts(turn):
    """A body that broke off was paid for, perhaps; a server that was not reached was not."""
    arguments = {"prices": (0, 1e6), "max_tokens": 10, "retries": 0, "max_cost": 1e9}
    for failure, cost in [(cut_off, 10), (body(b"{}"), 10), (status(503), 0), (status(400), 0)]:
        with Server(failure) as server, endpoint(server, **arguments) as player:
            with pytest.raises((Unavailable, Refused)):
                player.reply(QUESTION, turn)
            assert player.spent == Spent(requests=1, cost=cost)
    with Server(completion(usage=None)) as server, endpoint(server, **arguments) as player:
        assert player.reply(QUESTION, turn).cost is None
        assert player.spent.cost == 10


def test_so_many_requests_at_a_time(turn):
    """The server answers when 3 are there at once; it never sees a fourth."""
    together, lock, seen, here = threading.Barrier(3), threading.Lock(), [], [0]

    def answer(handler):
        with lock:
            here[0] += 1
            seen.append(here[0])
        together.wait(60)
        with lock:
            here[0] -= 1
        together.wait(60)  # all have left the count before the first one is answered
        completion()(handler)

    with (
        Server(answer) as server,
        endpoint(server, concurrency=3) as player,
        ThreadPoolExecutor(9) as threads,
    ):
        list(threads.map(lambda _: player.reply(QUESTION, turn), range(9)))
    assert max(seen) == 3
    assert player.spent.requests == 9


def test_who_waits_to_try_again_keeps_the_place(turn):
    """A server that asks for time is not asked by others meanwhile."""
    others = []

    def sleep(seconds):
        others.append(threading.Thread(target=player.reply, args=(QUESTION, turn)))
        others[0].start()
        others[0].join(0.3)
        assert others[0].is_alive()
        assert len(server.requests) == 1

    answers = (status(503), completion("4"))
    with Server(*answers) as server, endpoint(server, concurrency=1, sleep=sleep) as player:
        assert player.reply(QUESTION, turn).text == "4"
        others[0].join()
    assert len(server.requests) == 3


# Before a run. -----------------------------------------------------------------------------------


def test_estimate():
    assert tokens_in("") == 0
    assert tokens_in("abcd") == tokens_in("éé") == 2
    one = [{"role": "system", "content": "s" * 9}, {"role": "user", "content": "u" * 30}]
    first, second = 3 + 8 + 10 + 8, 3 + 8 + 10 + 8 + (50 + 8) + (10 + 8)
    requests, prompt, completions, cost = estimate([(one, 2)], reply_tokens=50, prices=(1, 10))
    assert (requests, prompt, completions) == (2, first + second, 100)
    assert cost == pytest.approx((first + second + 1000) / 1e6)
    assert estimate([], reply_tokens=50) == (0, 0, 0, None)
    counted = estimate([(one, 1)] * 3, reply_tokens=7, tokens_of=len)
    assert counted == (3, 3 * (9 + 30 + 16), 21, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"base_url": "localhost:8000/v1"}, "must begin with http://"),
        ({"base_url": "ftp://localhost"}, "must begin with http://"),
        ({"base_url": "http://"}, "name a server"),
        ({"base_url": "http://localhost:port/v1"}, "cannot be sent"),
        ({"base_url": "http://localhost/v1/chat/completions/"}, "must not have the /chat/compl"),
        ({"concurrency": 0}, "concurrency must be at least 1, got 0"),
        ({"max_tokens": 0}, "max_tokens must be at least 1, got 0"),
        ({"retries": -1}, "retries must be at least 0, got -1"),
        ({"timeout": 0}, "timeout must be positive, got 0"),
        ({"prices": (1, -1)}, r"prices must be at least 0, got \(1, -1\)"),
        ({"max_cost": 1.0}, "max_cost needs prices and max_tokens"),
        ({"max_cost": 1.0, "prices": (1, 1), "max_tokens": None}, "max_cost needs prices and max_"),
        ({"extra": {"stream": True, "n": 4}}, "extra must not have n, stream"),
        ({"extra": {"stop": {"#"}}}, "cannot be sent: .*set"),
    ],
)
def test_arguments_that_make_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        Endpoint("small", **{"base_url": "http://localhost/v1", **arguments})


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "httpx2", None)
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"reasoning-gym-envs\[endpoint\]"):
        Endpoint("small", "http://localhost/v1")
