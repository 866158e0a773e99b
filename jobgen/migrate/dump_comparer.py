"""Compares the dumps of a database and of its copy with that of Schema.sql's database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobgen.migrate.comparison import Rules, compare
from jobgen.migrate.difference import Comparison, Report
from jobgen.migrate.pieces import Dump
from jobgen.migrate.restore import Refusal
from jobgen.migrate.runtime_schema import uuidv7_call
from jobgen.migrate.scratch_dumps import LatestDumps, ScratchDumps


class DumpComparer:
    """Finds what differs from Schema.sql, with as few dumps as that takes.

    The database's own dump mostly has the texts that Schema.sql's has. Where it does not, the
    objects may be equal nevertheless: servers of other versions write some texts otherwise, and a
    server writes some otherwise after it has read what it wrote. Then a copy of the database is
    compared instead, and Schema.sql's dump is loaded and dumped once more if it needs that.
    """

    def __init__(
        self,
        dumps: ScratchDumps,
        database: Dump,
        wanted: Dump,
        also: frozenset[str],
        latest: LatestDumps,
    ) -> None:
        """Compare for the first time.

        Args:
            dumps: Makes the further dump of Schema.sql.
            database: The database's own dump.
            wanted: The dump of Schema.sql's database.
            also: Which attributes of existing objects are compared.
            latest: The dumps of the last comparison.
        """
        self._dumps = dumps
        self._wanted = wanted
        self._latest = latest
        self._is_reloaded = False
        call = uuidv7_call(dumps.settings.schema)
        is_own = any(call in entry.text for entry in wanted.entries)

        def normalize(text: str) -> str:
            return text if is_own else text.replace(call, "uuidv7()")

        self.first = compare(database, wanted, Rules(also, normalize))
        """The differences of the database's own dump."""
        self._rules = Rules(also, normalize, self.first.same)

    def compare_copy(self, copy: Dump, refused: Iterable[Refusal]) -> Comparison:
        """Compare a copy with Schema.sql, except for what the first comparison found equal.

        Args:
            copy: The dump of the copy.
            refused: The objects that the copy does not have.
        """
        not_copied = frozenset(each.entry.key for each in refused)
        comparison = compare(copy, self._wanted.without(not_copied), self._rules)
        if self._is_reloaded or not comparison.has_other_texts:
            return comparison
        wanted = self._wanted
        self._wanted = self._latest.reloaded.get(wanted, lambda: self._dumps.reloaded(wanted))
        self._is_reloaded = True
        return compare(copy, self._wanted.without(not_copied), self._rules)

    def refusal_reports(self, refused: Iterable[Refusal]) -> Iterator[Report]:
        """Yield a report for each object that the copy does not have, unless it is as wanted."""
        wanted = {(entry.key, self._rules.normalize(entry.text)) for entry in self._wanted.entries}
        version = self._dumps.binaries.version
        for entry, reason in ((each.entry, each.reason) for each in refused):
            if (entry.key, self._rules.normalize(entry.text)) not in wanted:
                yield Report(
                    f"{entry.kind.lower()} {entry.name}",
                    f"cannot be compared: PostgreSQL {version} refuses its own dump: {reason}",
                    current=entry.text,
                )
