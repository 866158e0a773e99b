"""Puts differences in an order in which they can be applied, and in phases."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from jobgen.migrate.difference import Difference, Phase, Report
from jobgen.migrate.objects import Node
from jobgen.migrate.snapshot import DatabaseSnapshot


class _Dependencies:
    """The differences that each difference needs, found by the objects that they create."""

    def __init__(self, catalog: DatabaseSnapshot, providers: dict[Node, int]) -> None:
        self._catalog = catalog
        self._providers = providers

    def of(self, nodes: Iterable[Node], needs: Iterable[Node]) -> set[int]:
        """Return the numbers of the differences that create what `nodes` depend on.

        Dependencies are followed through objects that no difference creates.
        """
        found: set[int] = set()
        seen: set[Node] = set()
        waiting = list(needs)
        for node in nodes:
            waiting += self._needs(node)
        while waiting:
            node = self._owner(waiting.pop())
            if node in seen:
                continue
            seen.add(node)
            kind, oid, _ = node
            provider = self._providers.get(node, self._providers.get((kind, oid, 0)))
            if provider is None:
                waiting += self._needs(node)
            else:
                found.add(provider)
        return found

    def _owner(self, node: Node) -> Node:
        owner = self._catalog.aliases.get((node[0], node[1]))
        while owner is not None and owner not in self._providers:
            node = owner
            owner = self._catalog.aliases.get((node[0], node[1]))
        return owner or node

    def _needs(self, node: Node) -> list[Node]:
        kind, oid, column = node
        needs = self._catalog.needs.get((kind, oid), ())
        return [needed for sub, needed in needs if column in {0, sub}]


def arrange(
    found: Sequence[Difference | Report], wanted: DatabaseSnapshot
) -> tuple[list[Difference], list[Report]]:
    """Return the differences in an order in which they can be applied, and the reports.

    A difference that needs a reported object becomes a report itself. A difference that needs
    an object of a later phase moves to that phase.
    """
    providers = {node: number for number, entry in enumerate(found) for node in entry.nodes}
    dependencies = _Dependencies(wanted, providers)
    needs = {
        number: dependencies.of(entry.nodes, entry.needs) - {number}
        for number, entry in enumerate(found)
        if isinstance(entry, Difference)
    }
    reports = {n: entry for n, entry in enumerate(found) if isinstance(entry, Report)}
    ordered: list[Difference] = []
    phases: dict[int, Phase] = {}
    for number in _sorted(found, needs):
        entry = found[number]
        if isinstance(entry, Report):
            continue
        blocker = next((reports[n] for n in sorted(needs[number]) if n in reports), None)
        if blocker is not None:
            reports[number] = Report(
                entry.what, f"needs the {blocker.what}", entry.sql, missing=True, nodes=entry.nodes
            )
            continue
        phases[number] = max([entry.phase, *(phases[n] for n in needs[number] if n in phases)])
        ordered.append(replace(entry, phase=phases[number]))
    ordered.sort(key=lambda difference: difference.phase)  # stable: the order within one stays
    return ordered, list(reports.values())


def _sorted(found: Sequence[Difference | Report], needs: dict[int, set[int]]) -> list[int]:
    """Return all numbers, each after those that it needs, otherwise by rank."""
    waiting = {number: set(needed) for number, needed in needs.items()}
    needed_by: dict[int, set[int]] = defaultdict(set)
    for number, needed in waiting.items():
        for other in needed:
            needed_by[other].add(number)

    def key(number: int) -> tuple[int, int]:
        entry = found[number]
        return (entry.rank if isinstance(entry, Difference) else -1, number)

    ready = [key(n) for n in range(len(found)) if not waiting.get(n)]
    heapq.heapify(ready)
    done: list[int] = []
    placed: set[int] = set()
    while len(done) < len(found):
        if not ready:
            # A cycle, such as a function over a table whose default calls it. Function bodies
            # are not checked, so the server accepts the first by rank if it accepts any order.
            heapq.heappush(ready, min(key(n) for n in range(len(found)) if n not in placed))
        _, number = heapq.heappop(ready)
        if number in placed:
            continue
        placed.add(number)
        done.append(number)
        for other in needed_by[number]:
            waiting[other].discard(number)
            if not waiting[other] and other not in placed:
                heapq.heappush(ready, key(other))
    return done
