"""Sentences that read a result, made from the numbers alone."""

from panda_core.record import Record
from panda_core.tasks import Task, get_task

Interval = tuple[float, float]


def describe_similarity(record: Record, source: str, target: str) -> str:
    """The similarity of source and target (Eq. 2), and what Eq. 4 makes of it."""
    similarity, weight = record.similarity, record.spec.protocol.kd.weight
    used = max(similarity, 0.0)
    text = (
        f"The predicted transferability of {get_task(source).title} to {get_task(target).title} (Eq. 2) is "
        f"**{similarity:.3f}**. The distillation term of Eq. 4 is weighted by lambda x sim = {weight:g} x {used:.3f} = "
        f"{weight * used:.4f}."
    )
    if similarity < 0:
        text += " The similarity is negative, so it counts as 0: PANDA is P-Tuning v2 here."
    return text


def describe_transfer(
    records: dict[str, Record],
    intervals: dict[str, Interval],
    differences: dict[str, Interval],
    source: str,
    task: Task,
) -> str:
    """What the three methods gave, and whether PANDA differs from the other two beyond the choice of examples.

    `differences` are intervals of the score of PANDA less that of the named method.
    """
    size = records["PANDA"].validation_size
    scores = ", ".join(
        f"{name} {record.score:.1f} ({intervals[name][0]:.1f} to {intervals[name][1]:.1f})"
        for name, record in records.items()
    )
    sentences = [f"On {size} validation examples of {task.title}, the three methods scored: {scores}."]
    sentences += [
        _compare(records["PANDA"].score - records[name].score, name, interval) for name, interval in differences.items()
    ]
    sentences.append(_source_effect(records, source))
    if records["PANDA"].tier == "smoke":
        sentences.append("Tier smoke is too short to compare methods: the page shows that everything runs.")
    else:
        sentences.append("This is one seed; the spread between seeds, shown below, is not in these intervals.")
    return " ".join(sentences)


def _compare(difference: float, name: str, interval: Interval) -> str:
    low, high = interval
    if low == high == 0:
        return f"PANDA scores the same as {name} on every resample of the examples."
    span = f"{difference:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})"
    if low > 0:
        return f"PANDA is above {name} by {span}."
    if high < 0:
        return f"PANDA is below {name} by {span}."
    return f"PANDA differs from {name} by {span}, which cannot be told from no difference."


def _source_effect(records: dict[str, Record], source: str) -> str:
    first = {name: record.curve[0].score for name, record in records.items()}
    lead = first["Vanilla PoT"] - first["P-Tuning v2"]
    step = records["P-Tuning v2"].curve[0].step
    if abs(lead) < 0.05:
        return f"At the first evaluation (step {step}) the {get_task(source).title} prompt gave no lead."
    way = "ahead of" if lead > 0 else "behind"
    return (
        f"At the first evaluation (step {step}) the prompt that started from {get_task(source).title} was "
        f"{abs(lead):.1f} points {way} the random one."
    )
