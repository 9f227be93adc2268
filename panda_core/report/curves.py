"""The evaluation curves of several methods in one figure."""

from matplotlib.figure import Figure
from matplotlib.pyplot import subplots

from panda_core.record import Record
from panda_core.tasks.task import MetricName, Task

# Okabe and Ito's colours, told apart by readers with colour blindness; markers and dashes say the same again. PANDA is
# the broad line below, so that a curve that coincides with it is still seen.
STYLES = {
    "PANDA": {"color": "#009E73", "marker": "D", "linestyle": "-", "linewidth": 4, "markersize": 9, "alpha": 0.6},
    "P-Tuning v2": {"color": "#0072B2", "marker": "o", "linestyle": "--", "markerfacecolor": "white"},
    "Vanilla PoT": {"color": "#D55E00", "marker": "s", "linestyle": "-."},
}
METRIC_NAMES: dict[MetricName, str] = {
    "accuracy": "accuracy (%)",
    "f1": "F1 of class 1 (%)",
    "matthews": "Matthews correlation (x 100)",
    "pearson-spearman": "mean of Pearson and Spearman (x 100)",
    "span-f1": "span F1 (%)",
    "role-f1": "role F1 (%)",
    "answer-f1": "answer F1 (%)",
}


def plot_curves(records: dict[str, Record], task: Task) -> Figure:
    """Validation score (above) and training loss (below) against steps, one line per method."""
    figure, (score_axis, loss_axis) = subplots(2, 1, sharex=True, figsize=(6.4, 6.4), layout="constrained")
    for name in sorted(records, key=list(STYLES).index):
        record = records[name]
        steps = [point.step for point in record.curve]
        score_axis.plot(steps, [point.score for point in record.curve], label=name, **STYLES[name])
        loss_axis.plot(steps, [point.train_loss for point in record.curve], label=name, **STYLES[name])
    score_axis.set(ylabel=f"{task.title} validation {METRIC_NAMES[task.metric]}")
    loss_axis.set(xlabel="training step", ylabel="training loss (mean)")
    for axis in (score_axis, loss_axis):
        axis.grid(alpha=0.3)
    score_axis.legend(frameon=False)
    return figure
