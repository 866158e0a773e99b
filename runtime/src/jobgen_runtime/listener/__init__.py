"""Notifications of new jobs, by LISTEN."""

from __future__ import annotations

from jobgen_runtime.listener.listener import Listener, ListenerObserver

__all__ = ["Listener", "ListenerObserver"]
