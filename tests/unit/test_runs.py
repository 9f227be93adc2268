"""Specs, their ids and the runs that they depend on."""

import shlex
from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_core.errors import UsageError
from panda_core.protocol import PAPER, RELEASED_CODE, PromptProtocol, Protocol
from panda_core.runs import _canonical, command, inputs, make_spec, run_id, unread


def spec(method="panda", **more):
    sources = () if method == "p-tuning-v2" else ("mnli",)
    return make_spec(**{"plm": "minilm-l6", "method": method, "sources": sources, "target": "cb"} | more)


def test_panda_depends_on_source_prompt_target_prompt_and_teacher():
    needed = inputs(spec())
    assert {role: (run.method, run.target) for role, run in needed.items()} == {
        "source": ("p-tuning-v2", "mnli"),
        "target": ("p-tuning-v2", "cb"),
        "teacher": ("target-like", "cb"),
    }
    assert inputs(needed["teacher"])["source"] == needed["source"]
    assert needed["target"] == spec("p-tuning-v2")


def test_without_the_metric_the_target_prompt_is_not_needed():
    assert set(inputs(spec(settings={"kd.similarity": "constant"}))) == {"source", "teacher"}


def test_runs_are_shared_whatever_their_users_set():
    plain, other = spec(), spec(settings={"kd.weight": "1"})
    assert run_id(plain) != run_id(other)
    assert inputs(plain) == inputs(other)
    assert run_id(inputs(plain)["source"]) == run_id(inputs(spec("vanilla-pot"))["source"])


def test_the_id_depends_on_everything_that_decides_the_result():
    ids = {
        run_id(s)
        for s in (
            spec(),
            spec(seed=1),
            spec(tier="reduced"),
            spec(data="real"),
            spec(plm="minilm-l3"),
            spec(target="rte"),
            spec(sources=("cola",)),
            spec(settings={"training.lr": "0.01"}),
            spec(settings={"source.steps": "7"}),
            spec(settings={"prompt.length": "5"}),
            spec(settings={"embedding.samples": "50"}),
            spec(revision="0" * 40),
        )
    }
    assert len(ids) == 12


def test_a_new_field_at_its_default_changes_no_id():
    @dataclass(frozen=True)
    class Before:
        a: int = 1

    @dataclass(frozen=True)
    class After:
        a: int = 1
        b: str = "as before"

    assert _canonical(Before(2)) == _canonical(After(2))
    assert _canonical(After(2, "new")) != _canonical(After(2))


def test_an_empty_revision_is_none():
    assert run_id(spec(revision="")) == run_id(spec())


@given(st.floats(min_value=1e-6, max_value=10), st.integers(0, 2**31))
def test_the_order_of_the_settings_does_not_matter(weight, seed):
    settings = {"kd.weight": repr(weight), "training.steps": "7"}
    backwards = dict(reversed(settings.items()))
    assert run_id(spec(seed=seed, settings=settings)) == run_id(spec(seed=seed, settings=backwards))


def test_a_task_as_its_own_source_keeps_both_budgets():
    own = spec("vanilla-pot", sources=("cb",), settings={"training.steps": "7", "source.steps": "9"})
    assert inputs(own)["source"].training.steps == 9
    assert inputs(inputs(replace(own, method="panda"))["teacher"])["source"].training.steps == 9
    assert inputs(replace(own, method="panda"))["target"].training.steps == 7


def test_steps_and_epochs_exclude_each_other():
    with pytest.raises(UsageError, match=r"training\.steps and training\.epochs: .* give one"):
        spec(settings={"training.steps": "7", "training.epochs": "2"})
    assert spec(settings={"training.steps": "7"}).training.epochs is None
    by_epoch = spec(settings={"training.epochs": "2"}).training
    assert (by_epoch.epochs, by_epoch.steps) == (2, None)
    assert spec(settings={"training.steps": "none", "training.epochs": "2"}).training == by_epoch


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"target": "rtee"}, "unknown task 'rtee': did you mean rte"),
        ({"target": "mnli"}, "mnli cannot be a target"),
        ({"sources": ("mnl",)}, "unknown task 'mnl': did you mean mnli"),
        ({"method": "pandas"}, "unknown method 'pandas': did you mean panda"),
        ({"method": "target-like"}, "target-like is made by the methods that need it"),
        ({"sources": ()}, "panda takes 1 source task, 0 given"),
        ({"method": "panda-early", "sources": ()}, "panda-early takes 1 or more source tasks, 0 given"),
        ({"method": "panda-late", "sources": ("mnli", "cola", "mnli")}, "the source task mnli is given twice"),
        ({"method": "random-teacher", "sources": ()}, "random-teacher is made by the methods that need it"),
        ({"protocol": "released"}, "unknown protocol 'released': did you mean released-code"),
        ({"settings": {"prompt.kind": "model"}}, "panda tunes prefix or mlp-prefix or tokens or adapter, not model"),
        ({"settings": {"prompt.kind": "lora"}}, "--set prompt.kind=lora: input should be 'prefix', 'mlp-prefix'"),
        ({"settings": {"prompt.kind": "adapter", "kd.similarity": "e-avg"}}, "an adapter has no tokens"),
        ({"tier": "quick"}, "unknown tier 'quick'"),
        ({"sources": ("wnut17",)}, "wnut17 is not in the practice suite; give --data real"),
        ({"data": "reel"}, "unknown data origin 'reel': did you mean real"),
        ({"seed": -1}, "seed -1: give a number from 0 to 4294967295"),
        ({"seed": 2**32}, "give a number from 0 to 4294967295"),
        ({"settings": {"training.lr": "inf"}}, "input should be a finite number"),
        ({"settings": {"training.steps": "none"}}, "a run needs steps or epochs"),
        ({"settings": {"kd.wait": "1"}}, "unknown setting 'kd.wait': did you mean kd.weight"),
        ({"settings": {"kd.weight": "much"}}, "--set kd.weight=much: input should be a valid number"),
        ({"settings": {"kd.weight": "-1"}}, "--set kd.weight=-1: input should be greater than or equal to 0"),
        ({"settings": {"training.steps": "0"}}, "--set training.steps=0: input should be greater than 0"),
        ({"settings": {"training.lr": "nan"}}, "--set training.lr=nan"),
    ],
)
def test_wrong_words_are_refused_with_what_to_do(words, message):
    with pytest.raises(UsageError) as error:
        spec(**words)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"method": "panda", "sources": ("mnli",), "settings": {"prompt.length": "0", "kd.similarity": "e-avg"}},
         "a prompt of length 0 has no tokens"),
        ({"method": "attempt", "sources": ("mnli", "qnli"), "settings": {"prompt.length": "0"}},
         "attempt mixes prompts, and prompt.length=0 leaves none"),
    ],
)
def test_what_needs_positions_says_so(words, message):
    with pytest.raises(UsageError, match=message):
        run_id(make_spec(plm="minilm-l6", target="cb", **words))


def test_a_source_prompt_is_asked_for_by_its_source_alone():
    asked = spec("p-tuning-v2", target=None, sources=("mnli",))
    assert asked == inputs(spec())["source"]
    with pytest.raises(UsageError, match="panda needs a target task"):
        spec(target=None)


def spec_of_command(text):
    """The spec that the command line would make of `text`."""
    given = shlex.split(text)[2:]
    pairs = list(zip(given[::2], given[1::2], strict=True))
    words = dict(pairs)
    settings = dict(value.split("=") for name, value in pairs if name == "--set")
    sources = tuple(value for name, value in pairs if name == "--source")
    names = {name: words[f"--{name}"] for name in ("plm", "method", "data", "tier")}
    return make_spec(
        **names, target=words.get("--target"), sources=sources, seed=int(words["--seed"]), settings=settings
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kd.weight": "0.5", "kd.clamp_negative": "false"},
        {"training.epochs": "3", "source.steps": "9"},
        {"prompt.kind": "adapter", "source.lr": "0.002"},
    ],
)
def test_the_command_of_a_record_makes_the_same_run(settings):
    wanted = spec(settings=settings, tier="reduced", plm="a folder/with spaces")
    assert spec_of_command(command(wanted)) == wanted
    source = inputs(wanted)["source"]
    assert spec_of_command(command(source)) == source


@pytest.mark.parametrize("settings", [{"training.steps": "50", "source.steps": "60"}, {"training.epochs": "3"}])
def test_the_command_of_a_run_of_tier_full_makes_the_same_run(settings):
    wanted = spec(settings=settings, tier="full")
    assert spec_of_command(command(wanted)) == wanted


def test_the_command_of_a_teacher_is_a_run_that_needs_it():
    wanted = spec(settings={"training.steps": "9"})
    teacher = inputs(wanted)["teacher"]
    assert inputs(spec_of_command(command(teacher)))["teacher"] == teacher


@pytest.mark.parametrize("prompt", ["target-like", "source", "random", "vanilla-pot"])
def test_the_command_of_every_teacher_is_a_run_that_needs_it(prompt):
    teacher = inputs(spec(settings={"teacher.prompt": prompt, "training.steps": "9"}))["teacher"]
    made = spec_of_command(command(teacher))
    assert teacher in (made, inputs(made).get("teacher"))


def test_the_command_of_several_sources_makes_the_same_run():
    wanted = spec("panda-late", sources=("sst2", "cola"), tier="full", settings={"source.lr": "0.005"})
    assert wanted.sources == ("cola", "sst2") and len(wanted.source_training) == 2
    assert spec_of_command(command(wanted)) == wanted
    assert spec_of_command(command(inputs(wanted)["teacher sst2"])).sources == ("sst2",)


def test_every_field_of_the_released_code_can_be_set_alone():
    preset, plain = spec(protocol="released-code"), spec()
    assert preset.protocol.kd == RELEASED_CODE.kd and preset.protocol.teacher == RELEASED_CODE.teacher
    assert spec_of_command(command(preset)) == preset
    changed = spec(protocol="released-code", settings={"kd.weight": "0.05", "prompt.kind": "tokens"})
    assert changed.protocol.kd == replace(RELEASED_CODE.kd, weight=0.05)
    assert changed.protocol.prompt == PromptProtocol(kind="tokens", embedded_twice=True)
    assert run_id(preset) != run_id(plain)
    assert inputs(preset)["teacher"].method == "vanilla-pot" and "target" not in inputs(preset)


def _fields():
    """Every field of the protocol as GROUP.NAME, with a value that is not its default."""
    for group in fields(Protocol):
        default = getattr(PAPER, group.name)
        for name, kind in get_type_hints(type(default)).items():
            now = getattr(default, name)
            if get_origin(kind) is Literal:
                other = next(value for value in get_args(kind) if value != now)
            else:
                other = {bool: lambda v: not v, int: lambda v: v + 1, float: lambda v: v / 2 or 0.5}[kind](now)
            yield f"{group.name}.{name}", str(other)


@pytest.mark.parametrize(("path", "value"), list(_fields()))
def test_every_field_can_be_set_alone_and_decides_the_run_of_a_method_that_reads_it(path, value):
    kinds = {"prompt.mlp_size": "prefix-tuning", "prompt.embedded_twice": "prompt-tuning", "prompt.adapter_size": "adapter"}
    several = {"fusion": "panda-late", "attention": "attempt"}
    method = kinds.get(path) or several.get(path.partition(".")[0], "panda")
    words = {"method": method, "sources": () if path in kinds else ("mnli",)}
    changed, plain = spec(settings={path: value}, **words), spec(**words)
    group, name = path.split(".")
    assert getattr(getattr(changed.protocol, group), name) != getattr(getattr(plain.protocol, group), name)
    rest = replace(changed.protocol, **{group: getattr(plain.protocol, group)})
    assert rest == plain.protocol and run_id(changed) != run_id(plain)


def test_the_released_code_as_it_was_read():
    """0.1 * beta with beta 0.1; mean over classes, divided by the batch size again; teacher with dropout; pooled [CLS]."""
    kd, teacher = RELEASED_CODE.kd, RELEASED_CODE.teacher
    assert (kd.match, kd.weight, kd.similarity) == ("logits", pytest.approx(0.1 * 0.1), "constant")
    assert kd.over_classes == "mean" and kd.divide_by_batch
    assert teacher.prompt == "vanilla-pot" and teacher.dropout
    assert RELEASED_CODE.head.reads == "pooler" and RELEASED_CODE.optimiser.schedule == "by-format"
    assert RELEASED_CODE.prompt == replace(PAPER.prompt, embedded_twice=True)


def test_settings_that_a_kind_does_not_read_change_nothing():
    assert spec(settings={"prompt.adapter_size": "8"}) == spec()
    adapter = {"prompt.kind": "adapter"}
    assert spec(settings=adapter | {"prompt.length": "7"}) == spec(settings=adapter)
    assert spec(settings=adapter | {"prompt.adapter_size": "8"}) != spec(settings=adapter) != spec()


def test_settings_that_a_method_does_not_read_are_told():
    settings = {"kd.weight": "0.3", "teacher.small_task": "9", "prompt.length": "7", "kd.clamp_negative": "true"}
    assert unread(spec(method="p-tuning-v2", sources=(), settings=settings), settings) == ["kd.weight", "teacher.small_task"]
    assert unread(spec(settings=settings), settings) == []
    adapter = {"prompt.kind": "adapter", "prompt.length": "7"}
    assert unread(spec(settings=adapter), adapter) == ["prompt.length"]


def test_what_is_no_prompt_has_a_rate_of_its_own_on_every_tier():
    for tier in ("smoke", "reduced", "full"):
        rates = {
            method: spec(method, sources=(), tier=tier).training.lr
            for method in ("p-tuning-v2", "prompt-tuning", "prefix-tuning", "adapter", "model-tuning")
        }
        assert rates["p-tuning-v2"] == rates["prompt-tuning"] > rates["prefix-tuning"] > rates["model-tuning"]
    moved = spec(settings={"prompt.kind": "adapter"}, tier="reduced")
    alone = spec("adapter", sources=(), tier="reduced")
    assert moved.training == alone.training and moved.source_training.lr == alone.training.lr
    assert inputs(moved)["target"] == alone


def test_a_spec_cannot_be_changed():
    with pytest.raises(AttributeError):
        spec().seed = 3
    assert replace(spec(), seed=3).seed == 3
