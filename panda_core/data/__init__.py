"""Data: where a task's rows come from, and how they become batches."""
