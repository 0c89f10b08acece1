"""Models on other servers: a real one answers, and bad ones end one run in words."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from inference.catalogue import CatalogueError
from inference.catalogue import read as read_catalogue
from inference.engine.backends.openai.address import checked, resolve
from inference.engine.backends.openai.reading import Reading, lines
from inference.engine.backends.openai.upstream import Upstream, UpstreamEngine, body_of
from inference.engine.errors import InvalidRequest, UpstreamFailed, UpstreamRefused
from inference.engine.sequence import Ended, Message, Request, SamplingSettings
from operations.broker import free_port

KEY = "canary-key-5f3a"


@pytest.fixture(scope="module")
def server(checkpoint: Callable) -> Iterator[tuple[str, str]]:
    """transformers' own server with a random model."""
    folder, port = checkpoint("llama"), free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", "--device", "cpu"]
    command += ["--port", str(port), "--host", "127.0.0.1", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        base, until = f"http://127.0.0.1:{port}/v1", time.monotonic() + 90
        while True:
            try:
                httpx.get(f"{base}/models", timeout=5)
                break
            except httpx.HTTPError:
                assert running.poll() is None
                assert time.monotonic() < until
                time.sleep(0.2)
        yield base, str(folder)
        running.terminate()


def question(text: str = "Fox?", deadline_s: float = 30.0, **settings: object) -> Request:
    sampling = SamplingSettings(**{"temperature": 0.0, "max_tokens": 8} | settings)
    return Request("q", (Message("user", text),), sampling, deadline_s)


def heard(base: str, model: str = "m", **asked: object) -> tuple[str, list, Ended]:
    engine = UpstreamEngine(Upstream(base, model, KEY, allow_private=True), 2)
    answer = engine.ask(question(**asked))
    chunks = list(answer)
    assert answer.ended is not None
    assert KEY not in repr(engine.upstream) + answer.ended.error
    assert engine.load == (0, 0)
    return "".join(one.text for one in chunks), [t for c in chunks for t in c.tokens], answer.ended


def test_a_real_server_answers_with_what_its_model_says(server: tuple[str, str]) -> None:
    base, model = server
    text, _, ended = heard(base, model, max_tokens=12)
    assert text
    assert ended.reason in ("length", "stop")
    assert 0 < ended.usage.completion_tokens <= 12
    assert ended.timings.first_token_s > 0
    assert heard(base, model, max_tokens=12)[0] == text


def test_a_real_server_can_be_stopped(server: tuple[str, str]) -> None:
    engine = UpstreamEngine(Upstream(*server, allow_private=True), 1)
    answer = engine.ask(question(max_tokens=120))
    answer.stop()
    list(answer)
    assert answer.ended.reason in ("stopped", "stop", "length")


def test_a_model_that_the_server_does_not_have_is_a_plain_sentence(
    server: tuple[str, str],
) -> None:
    _, _, ended = heard(server[0], "no/such-model")
    assert ended.reason == "failed"
    assert ended.error.startswith("The model server")


@contextmanager
def acting(act: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[str]]]:
    """A server that behaves as `act` says; yields its address and the requests it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            with suppress(OSError):  # the reader has left
                act(self)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/v1", seen
        running.shutdown()


def begin(handler: BaseHTTPRequestHandler, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Type": "text/event-stream"} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()


def event(handler: BaseHTTPRequestHandler, **choice: object) -> None:
    handler.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())


def test_log_probabilities_are_mapped_and_split_characters_joined() -> None:
    cup = "é".encode()

    def act(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        content = [
            {
                "token": "a",
                "logprob": -0.1,
                "bytes": [97],
                "top_logprobs": [
                    {"token": "a", "logprob": -0.1, "bytes": [97]},
                    {"token": "b", "logprob": -2.5, "bytes": [98]},
                ],
            },
            {"token": "\\xc3", "logprob": -1, "bytes": [cup[0]], "top_logprobs": []},
            {"token": "\\xa9", "logprob": -2, "bytes": [cup[1]], "top_logprobs": []},
        ]
        event(handler, delta={"content": "aé"}, logprobs={"content": content})
        event(handler, delta={"content": " and"}, finish_reason="length")
        handler.wfile.write(b'data: {"choices": [], "usage": {"prompt_tokens": 4, ')
        handler.wfile.write(b'"completion_tokens": 4, "prompt_tokens_details": ')
        handler.wfile.write(b'{"cached_tokens": 3}}}\n\ndata: [DONE]\n\n')

    with acting(act) as (base, seen):
        text, tokens, ended = heard(base, top_logprobs=2, stop=("x",), min_p=0.1)
    assert text == "aé and"
    assert [token.text for token in tokens] == ["a", "", "é"]
    assert tokens[0].top[1].logprob == -2.5
    assert (tokens[0].rank, tokens[0].id) == (1, -1)
    assert ended.reason == "length"
    usage = ended.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (4, 4, 3)
    sent = json.loads(seen[0])
    assert (sent["logprobs"], sent["top_logprobs"], sent["stop"]) == (True, 2, ["x"])
    assert sent["min_p"] == 0.1
    assert "top_k" not in sent


def silent(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    event(handler, delta={"content": "a"})
    time.sleep(3)


def endless(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    while True:
        event(handler, delta={"content": "a" * 60_000})


def endless_line(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    while True:
        handler.wfile.write(b"x" * 60_000)


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b"data: {not json\n\n")


def wrong_shape(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    handler.wfile.write(b'data: {"choices": [{"delta": {"content": 7}}]}\n\n')


def broken_off(handler: BaseHTTPRequestHandler) -> None:
    begin(handler)
    event(handler, delta={"content": "a"})


def elsewhere(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, 302, Location="http://169.254.169.254/latest")


def a_page(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, **{"Content-Type": "text/html"})
    handler.wfile.write(b"<h1>Welcome</h1>")


def no_key(handler: BaseHTTPRequestHandler) -> None:
    begin(handler, 401)
    handler.wfile.write(handler.headers["Authorization"].encode())


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (endless, "more than an answer can be"),
        (endless_line, "more than an answer can be"),
        (nonsense, "no chat completion"),
        (wrong_shape, "no chat completion"),
        (broken_off, "broke off in the middle"),
        (elsewhere, "points elsewhere"),
        (a_page, "did not answer with a stream"),
        (no_key, "does not accept our key"),
    ],
)
def test_a_server_that_misbehaves_ends_this_run_in_words(act: Callable, words: str) -> None:
    with acting(act) as (base, seen):
        _, _, ended = heard(base)
    assert ended.reason == "failed"
    assert words in ended.error
    assert len(seen) == 1, "only what may help is tried again"


def test_a_silent_server_is_given_up_at_the_deadline() -> None:
    with acting(silent) as (base, _):
        start = time.monotonic()
        text, _, ended = heard(base, deadline_s=0.5)
    assert time.monotonic() - start < 2.5
    assert (text, ended.reason) == ("a", "failed")
    assert "fell silent" in ended.error


def test_a_busy_server_is_asked_again_until_it_answers() -> None:
    def act(handler: BaseHTTPRequestHandler) -> None:
        if len(seen) < 2:
            begin(handler, 503)
            return
        begin(handler)
        event(handler, delta={"content": "yes"}, finish_reason="stop")

    with acting(act) as (base, seen):
        text, _, ended = heard(base)
    assert (text, ended.reason, len(seen)) == ("yes", "stop", 2)


def test_a_server_that_is_down_is_a_plain_sentence() -> None:
    _, _, ended = heard(f"http://127.0.0.1:{free_port()}/v1")
    assert ended.error == "The model server cannot be reached. Try again later."


def test_a_fork_is_refused_before_anything_is_sent() -> None:
    engine = UpstreamEngine(Upstream("https://models.example.org/v1", "m"), 1)
    fork = Request("q", (Message("user", "a"),), SamplingSettings(), generated=(1, 2))
    with pytest.raises(InvalidRequest, match="cannot continue from a token"):
        engine.ask(fork)


@pytest.mark.parametrize(
    "base",
    [
        *("http://models.example.org/v1", "ftp://x/v1", "file:///etc/passwd", "https:///v1"),
        *(
            "https://user:secret@x/v1",
            "https://x/v1?key=1",
            "https://x:25/v1",
            "https://x:99999/v1",
        ),
        "gopher://x",
    ],
)
def test_an_address_that_is_none_of_a_model_server_is_refused(base: str) -> None:
    with pytest.raises(UpstreamRefused):
        checked(base, allow_private=False)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "0.0.0.0"),
        *("[::ffff:a9fe:a9fe]", "0x7f000001", "2130706433", "127.1", "[fe80::1]", "192.168.0.1"),
        *("224.0.0.1", "[2002:7f00:1::]", "100.64.0.1"),
    ],
)
def test_an_address_of_this_network_is_refused_at_every_connection(host: str) -> None:
    with pytest.raises(UpstreamRefused):
        resolve(f"https://{host}/v1", "/x", allow_private=False)


def test_the_checked_address_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["93.184.215.14", "127.0.0.1"])

    def rebinding(*_: object, **__: object) -> list:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    target = resolve("https://models.example.org/v1", "/x", allow_private=False)
    assert target.url == "https://93.184.215.14:443/v1/x"
    assert (target.host, target.name) == ("models.example.org", "models.example.org")


def test_events_are_read_whatever_the_pieces() -> None:
    data = b'data: {"choices": []}\r\n\r\n: comment\n\ndata:[DONE]\n\n'
    for size in (1, 3, 100):
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        assert list(lines(pieces)) == ['{"choices": []}', "[DONE]"]


def test_probabilities_that_do_not_spell_the_text_are_not_shown() -> None:
    logprobs = {"content": [{"token": "b", "logprob": -1}]}
    choice = {"delta": {"content": "a"}, "logprobs": logprobs}
    chunk = Reading().take(json.dumps({"choices": [choice]}))
    assert (chunk.text, chunk.tokens) == ("a", ())
    with pytest.raises(UpstreamFailed, match="error"):
        Reading().take('{"error": {"message": "out of memory"}}')


def test_what_every_server_knows_is_always_sent() -> None:
    body = body_of(question(seed=2**40 + 3), "m")
    assert body["seed"] == 3
    assert body["stream"] is True
    assert "repetition_penalty" not in body


@pytest.mark.parametrize(
    ("lines_", "words"),
    [
        ('source = "models.example.org"\nupstream_model = "m"', "write source"),
        ('source = "https://models.example.org/v1"', "write upstream_model"),
        ('source = "http://a/v1"\nupstream_model = "m"', "allow_private"),
        (
            'source = "https://a/v1"\nupstream_model = "m"\nkey_env = "sk-123"',
            "key_env is the name",
        ),
    ],
)
def test_a_catalogue_entry_that_cannot_work_is_refused(
    tmp_path: Path, lines_: str, words: str
) -> None:
    path = tmp_path / "models.toml"
    path.write_text(f'[models.there]\nbackend = "openai"\n{lines_}\n', encoding="utf-8")
    with pytest.raises(CatalogueError, match=words):
        read_catalogue(path)
