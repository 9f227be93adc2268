"""Golden examples: what a PLM is given for a task, as short quotations that a page can show."""

from collections.abc import Sequence
from dataclasses import dataclass

from panda_core.data.origin import Data, load_split
from panda_core.formats import Example, get_format
from panda_core.plms.plm import PLM
from panda_core.tasks import Task


@dataclass(frozen=True)
class Golden:
    """One formatted example. `sequences` holds, for each token sequence, its one or two texts as the PLM sees them.

    `label` is the label in words; for tagging the tags that are not O, for spans the answers.
    """

    task: str
    sequences: tuple[tuple[str, ...], ...]
    label: str


def golden_example(plm: PLM, task: Task, data: Data, row: int = 0, max_length: int = 128, most: int = 90) -> Golden:
    """Row `row` of the validation set, tokenised and decoded again, each text cut to about `most` characters."""
    fmt = get_format(task)
    tokenizer = plm.tokenizer_or_error()
    frame = fmt.prepare(load_split(task, data, "validation").frame, task).iloc[[row]]
    (example,) = fmt.encode(frame, task, tokenizer, max_length)
    sequences = tuple(
        tuple(_quotation(text, most) for text in _texts(tokenizer, ids)) for ids in example.input_ids
    )
    return Golden(task.name, sequences, _label(frame.iloc[0], example, task))


def _texts(tokenizer, ids: Sequence[int]) -> list[str]:
    """The runs of tokens between special ones, decoded."""
    special, runs, run = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}, [], []
    for token in [*ids, *list(special)[:1]]:
        if token in special:
            runs += [run] if run else []
            run = []
        else:
            run.append(int(token))
    return [tokenizer.decode(run).strip() for run in runs]


def _quotation(text: str, most: int) -> str:
    """The start of a text and, where it is long, its last words too, since templates put words at the end."""
    if len(text) <= most:
        return text
    start, end = text[: 2 * most // 3].rsplit(" ", 1)[0], text[-(most // 3) :].split(" ", 1)[-1]
    return f"{start} … {end}"


def _label(row, example: Example, task: Task) -> str:
    match task.format:
        case "regression":
            return f"{example.label:g}"
        case "span":
            return " | ".join(str(text) for text in row[task.label]["text"]) or "no answer"
        case "tagging" | "srl":
            words, tags = row[task.inputs[0]], (
                tag if isinstance(tag, str) else task.labels[tag] for tag in row[task.label]
            )
            return ", ".join(f"{word} {tag}" for word, tag in zip(words, tags, strict=True) if tag != "O")
        case _:
            return task.labels[example.label]
