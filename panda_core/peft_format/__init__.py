"""Prompts to and from PEFT: adapter folders of prefix-tuning and prompt-tuning, in safetensors alone.

PEFT itself is not needed for either direction; the tests hold both against it.
"""

from panda_core.peft_format.imported import import_adapter
from panda_core.peft_format.reading import PeftPrompt, read_adapter
from panda_core.peft_format.writing import export_run

__all__ = ["PeftPrompt", "export_run", "import_adapter", "read_adapter"]
