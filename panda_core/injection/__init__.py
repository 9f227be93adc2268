"""How a prompt reaches a PLM: one file per mechanism; `panda_core.plms.architectures` says which one a PLM takes."""
