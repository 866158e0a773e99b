"""The address of a database without anything that may be secret."""

from __future__ import annotations

from urllib.parse import quote, urlencode

_SHOWN = ("host", "hostaddr", "port", "user", "dbname", "service")
"""All other settings, such as `password` and `options`, are left out."""


def address_without_secrets(url: str) -> str | None:
    """Return an address with the server, the port, the role and the database alone.

    Returns:
        None if libpq cannot read it.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        settings = conninfo_to_dict(url)
    except psycopg.Error:
        return None
    shown = {name: str(settings[name]) for name in _SHOWN if settings.get(name)}
    user = f"{quote(shown.pop('user'), safe='')}@" if "user" in shown else ""
    database = quote(shown.pop("dbname", ""), safe="")
    place = ""
    host = shown.get("host", "")
    if host and not host.startswith("/") and not {",", ":"} & set(host + shown.get("port", "")):
        del shown["host"]
        port = shown.pop("port", "")
        place = f"{quote(host, safe='')}{f':{port}' if port else ''}"
    query = f"?{urlencode(shown, safe='/,:')}" if shown else ""
    return f"postgresql://{user}{place}/{database}{query}"
