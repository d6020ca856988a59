"""Read the environment, and fail loudly where it is wrong."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str | None = None) -> str:
    """The text of a variable; without a default it has to be there."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}.")
    return value


def env_bool(name: str, default: bool = False) -> bool:
    """1, true, yes, on / 0, false, no, off, in any case; an empty variable means the default."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {text!r}; write 1 or 0.")


def env_number(name: str, default: float) -> float:
    """A number of the unit that the setting names."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}; write a number.") from None


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated words."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def env_folder(name: str, default: Path) -> Path:
    """The folder of a variable, made for its owner alone, as is whatever this process writes from now on."""
    path = Path(env(name, str(default))).resolve()
    os.umask(0o077)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path} cannot be written ({error.strerror}). Make it writable, or set {name} to another folder."
        ) from None
    return path


def env_secret(name: str, *, kept_in: Path | None) -> str:
    """A secret from the variable, or else one made once and kept in a file only its owner reads.

    With `kept_in=None` (production) the variable has to be there.
    """
    value = os.environ.get(name)
    if value:
        return value
    if kept_in is None:
        raise ImproperlyConfigured(f"Set the environment variable {name}; production makes no secret up.")
    return _kept_secret(kept_in)


def _kept_secret(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Linked into place whole: of two processes that start at once, both read one secret.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{path.parent} cannot be written: {error.strerror}.") from None
