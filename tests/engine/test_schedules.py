"""Whoever comes, goes or stops, and whenever: nobody's text changes and no slot is lost."""

from hypothesis import given, settings
from hypothesis import strategies as some

from inference.engine.engine import Engine
from inference.engine.runner import Draw, Drawn, History, Row
from inference.engine.scripted import ScriptedRunner, babbling, scripted_model
from inference.engine.sequence import Chunk, SamplingSettings
from tests.engine.asking import ask, read, wait_for

SETTINGS = (
    *("max_tokens", "seed", "temperature", "top_p", "min_p"),
    *("repetition_penalty", "presence_penalty"),
)
readers = some.fixed_dictionaries(
    {
        "prompt": some.text("abc", min_size=1, max_size=600),
        "max_tokens": some.integers(1, 25),
        "seed": some.integers(-5, 5),
        "temperature": some.sampled_from([0.0, 0.8, 1.5]),
        "top_p": some.sampled_from([1.0, 0.7]),
        "min_p": some.sampled_from([0.0, 0.0, 0.2]),
        "repetition_penalty": some.sampled_from([1.0, 1.0, 1.5]),
        "presence_penalty": some.sampled_from([0.0, 0.0, 1.0]),
        "is_peeking": some.booleans(),
        "stop_after": some.none() | some.integers(0, 10),
        "steps_before": some.integers(0, 6),
    }
)


def alone(reader: dict) -> str:
    """The text by the definition: one sequence, one token after the other, no engine at all."""
    runner = ScriptedRunner(babbling)
    runner.reserve(1)
    sampling = SamplingSettings(**{key: reader[key] for key in SETTINGS})
    prompt = list(reader["prompt"].encode())
    history = History(set(prompt)) if sampling.is_penalising else None
    drawn = runner.prefill(0, prompt, 0, Draw(sampling, 0, history))
    written = b""
    for position in range(1, reader["max_tokens"] + 1):
        assert isinstance(drawn, Drawn)
        written += bytes([drawn.id])
        if history is not None:
            history.add(drawn.id)
        (drawn,) = runner.decode([Row(0, drawn.id, Draw(sampling, position, history))])
    return written.decode()


@settings(max_examples=60, deadline=None)
@given(crowd=some.lists(readers, min_size=1, max_size=14), slots=some.integers(1, 5))
def test_no_crowd_changes_anybodys_text_and_every_slot_comes_back(
    crowd: list[dict], slots: int
) -> None:
    with Engine(scripted_model(), slots) as engine:
        answers = []
        for reader in crowd:
            goal = engine.steps + reader["steps_before"]
            wait_for(lambda goal=goal: engine.steps >= goal or engine.load == (0, 0))
            if reader["is_peeking"]:
                prompt = reader["prompt"].encode()
                (first,) = engine.peek(reader["prompt"], count=1)
                assert first.logit == max(babbling(prompt, b""))
            kept = {key: reader[key] for key in SETTINGS}
            answer, before = ask(engine, reader["prompt"], **kept), ""
            if reader["stop_after"] is not None:
                event = answer.get(timeout=0.001 * reader["stop_after"])
                before = event.text if isinstance(event, Chunk) else ""
                answer.stop()
            answers.append((answer, before))
        assert engine.load[0] <= slots
        for reader, (answer, before) in zip(crowd, answers, strict=True):
            after = read(answer)
            expected = alone(reader)
            assert expected.startswith(before + after.text)
            assert after.ended.reason in ("length", "stopped")
            if reader["stop_after"] is None:
                assert before + after.text == expected
        assert engine.load == (0, 0)
        assert sorted(engine._scheduler._free) == list(range(slots))
        assert not engine.model.runner.prompts
