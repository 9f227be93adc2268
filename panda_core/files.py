"""Files that are either whole or not there: temporary file, fsync, rename."""

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from panda_core.errors import UsageError, WorkError

TEMPORARY = ".part-"
_NO_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP)  # how file systems say that folders need no fsync, or have none


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step.

    A process that dies on the way leaves `path` as it was; its temporary file starts with `.part-`.
    """
    with staged(path) as (temporary,):
        write(temporary)


@contextmanager
def staged(*paths: Path, before: Callable[[], None] = lambda: None) -> Iterator[list[Path]]:
    """Temporary files beside `paths`, to be filled in the block; put in place at its end, in that order.

    By then all are whole on the disk; `before` is called right before the first is put in place. Where the block or
    the disk fails, every one of `paths` is left as it was.
    """
    temporaries: list[Path] = []
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=TEMPORARY, suffix=path.suffix, dir=path.parent)
            os.close(handle)
            temporaries.append(Path(name))
        yield temporaries
        for temporary in temporaries:
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.chmod(0o644)
        before()
        for temporary, path in zip(temporaries, paths, strict=True):
            temporary.replace(path)
            _sync_folder(path.parent)
    except BaseException:
        for temporary in temporaries:
            temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(directory)


def make_folder_of(path: Path, option: str) -> None:
    """Make the folder of a file that is written after long work, so that it is known before the work that it can be.

    Raises a `UsageError` that names the `option` which asked for the file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written there ({error.strerror}); name another file") from None


def write_safetensors(path: Path, tensors: dict, metadata: dict[str, str]) -> None:
    """Write named tensors and string metadata, atomically. The same values give the same bytes."""
    from safetensors.torch import save_file

    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}

    def write(temporary: Path) -> None:
        save_file(contiguous, temporary, metadata)
        _sort_metadata(temporary)

    write_atomically(path, write)


def _sort_metadata(path: Path) -> None:
    """Put the metadata of a safetensors file in order; the library writes them in a random one.

    The file starts with the length of its header, which is JSON padded with spaces.
    """
    with path.open("rb+") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
        if "__metadata__" not in header:
            return
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        stream.seek(8)
        stream.write(json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(size))


def safetensors_below(folder: Path, pattern: str) -> list[Path]:
    """The whole safetensors files that `pattern` names below a folder, in order; half-written ones are left out."""
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith(TEMPORARY))


def read_safetensors(path: Path) -> dict:
    """Named tensors of a safetensors file; a `WorkError` where it is missing, cut off or of another format."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except FileNotFoundError:
        raise WorkError(f"{path}: there is no such file") from None
    except (SafetensorError, OSError) as error:
        raise WorkError(f"{path}: not a readable safetensors file ({error}); no other format is read") from None


def safetensors_metadata(path: Path) -> dict[str, str]:
    """The string metadata of a safetensors file; a `WorkError` where it is missing, cut off or of another format."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as stream:
            return stream.metadata() or {}
    except FileNotFoundError:
        raise WorkError(f"{path}: there is no such file") from None
    except (SafetensorError, OSError) as error:
        raise WorkError(f"{path}: not a readable safetensors file ({error}); no other format is read") from None


def sha256_of(path: Path) -> str:
    """SHA-256 of the bytes of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remembered_sha256(path: Path) -> str:
    """`sha256_of`, read once in a process as long as the file's size and time of change stay what they are."""
    state = path.stat()
    return _sha256_of(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _sha256_of(path: Path, _changed: int, _size: int) -> str:
    return sha256_of(path)


def canonical_json(value: object) -> str:
    """The one JSON text of a value: sorted keys, no spaces; what ids and digests are computed from."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
