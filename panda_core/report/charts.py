"""The few charts of the exhibit pages; each stands beside a table with the same numbers."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.pyplot import subplots

# Okabe and Ito's colours, told apart by readers with colour blindness; hatches and markers say the same again.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7")
HATCHES = ("", "//", "..", "xx", "--")


def bars(frame: pd.DataFrame, ylabel: str) -> Figure:
    """Grouped bars: a group for each row, a bar for each column; the axis starts below the least value and says so."""
    figure, axis = subplots(figsize=(7.5, 3.8), layout="constrained")
    width = 0.8 / len(frame.columns)
    for number, name in enumerate(frame.columns):
        places = [place + (number - (len(frame.columns) - 1) / 2) * width for place in range(len(frame))]
        axis.bar(
            places, frame[name], width, label=name, color=COLOURS[number], hatch=HATCHES[number], edgecolor="white"
        )
    axis.set_xticks(range(len(frame)), frame.index)
    start = max(0.0, 5 * (float(frame.min(axis=None)) // 5 - 1))
    axis.set(ylabel=f"{ylabel}; the axis starts at {start:.0f}", ylim=(start, None))
    axis.legend(frameon=False, ncols=2, fontsize="small", loc="upper right")
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def lines(frame: pd.DataFrame, xlabel: str, ylabel: str) -> Figure:
    """One line per column over the numbers of the index, on a logarithmic axis."""
    figure, axis = subplots(figsize=(6.4, 3.8), layout="constrained")
    for number, name in enumerate(frame.columns):
        axis.plot(frame.index, frame[name], marker="osD^v"[number % 5], color=COLOURS[number % 5], label=name)
    axis.set(xlabel=xlabel, ylabel=ylabel, xscale="log")
    axis.set_xticks(frame.index, [f"{value:g}" for value in frame.index])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend(frameon=False, fontsize="small")
    return figure
