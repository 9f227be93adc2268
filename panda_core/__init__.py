"""Prompt transfer with knowledge distillation (PANDA), as a library.

Names are imported on first use, so that `import panda_core` stays fast and does not load torch.
"""

from importlib import import_module

__version__ = "0.1.0"

_EXPORTS = {
    "load_plm": "plms.loading",
    "PLM": "plms.plm",
    "PrefixPrompt": "prompts",
    "PromptedModel": "model",
    "task_embedding": "transferability",
    "similarity": "transferability",
    "get_task": "tasks",
    "RunSpec": "runs",
    "make_spec": "runs",
    "Store": "store",
    "complete": "execution",
    "PandaError": "errors",
    "UsageError": "errors",
    "WorkError": "errors",
}
__all__ = sorted(_EXPORTS)


def __getattr__(name: str):
    if name not in _EXPORTS:
        raise AttributeError(f"module 'panda_core' has no attribute '{name}'")
    return getattr(import_module(f"panda_core.{_EXPORTS[name]}"), name)


def __dir__():
    return __all__
