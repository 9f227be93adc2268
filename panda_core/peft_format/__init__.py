"""Prompts to and from PEFT: adapter folders of prefix-tuning and prompt-tuning, in safetensors alone.

PEFT itself is not needed for either direction; the tests hold both against it.
"""
