"""The evaluation curves of several methods in one figure."""

from matplotlib.figure import Figure
from matplotlib.pyplot import subplots

from panda_core.record import Record
from panda_core.tasks import Task

# Okabe and Ito's colours, told apart by readers with colour blindness; markers and dashes say the same again.
STYLES = {
    "P-Tuning v2": {"color": "#0072B2", "marker": "o", "linestyle": "--"},
    "Vanilla PoT": {"color": "#D55E00", "marker": "s", "linestyle": "-."},
    "PANDA": {"color": "#009E73", "marker": "D", "linestyle": "-"},
}
METRIC_NAMES = {
    "accuracy": "accuracy (%)",
    "matthews": "Matthews correlation (x 100)",
    "pearson-spearman": "mean of Pearson and Spearman (x 100)",
    "span-f1": "span F1 (%)",
}


def plot_curves(records: dict[str, Record], task: Task) -> Figure:
    """Validation score (left) and training loss (right) against steps, one line per method."""
    figure, (score_axis, loss_axis) = subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name, record in records.items():
        steps = [point.step for point in record.curve]
        score_axis.plot(steps, [point.score for point in record.curve], label=name, **STYLES[name])
        loss_axis.plot(steps, [point.train_loss for point in record.curve], label=name, **STYLES[name])
    score_axis.set(xlabel="training step", ylabel=f"{task.title} validation {METRIC_NAMES[task.metric]}")
    loss_axis.set(xlabel="training step", ylabel="training loss (mean since the last point)")
    for axis in (score_axis, loss_axis):
        axis.grid(alpha=0.3)
    score_axis.legend(frameon=False)
    return figure
