"""Hears of new work."""

from __future__ import annotations

from jobgen_runtime.listener.listener import Listener

__all__ = ["Listener"]
