"""The keys that links, sessions and forms are signed with (签名密钥)."""

from config.current import current


def secrets() -> list[str]:
    """Return the key in use, then those rotated out, which are still read."""
    settings = current().settings
    if settings.secret_key is None:
        raise RuntimeError("no secret key: set PDCA_SECRET_KEY, or start with `pdca up`")
    return [key.get_secret_value() for key in (settings.secret_key, *settings.old_secret_keys)]
