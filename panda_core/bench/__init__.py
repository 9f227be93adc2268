"""The engine of this project against PEFT and transformers' Trainer: the same prompt, on the same examples."""
