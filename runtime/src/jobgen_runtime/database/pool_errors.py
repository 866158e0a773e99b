"""The errors of a pool that has no connection to lend."""

from __future__ import annotations

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.database.pool_state import PoolState, Request


class NoFreeConnection(JobgenRuntimeError):
    """No connection of the pool became free in time, or none ever could."""


def deadlocked(state: PoolState) -> NoFreeConnection:
    """Return the error of a request that would wait for ever."""
    return NoFreeConnection(
        "All connections of the pool are held by transactions that wait for another connection "
        f"themselves: {state.describe()}.",
        hint="Pass the transaction's connection to the calls inside its block (`create(conn, …)`, "
        f"`fetch_all(…, conn=conn)`), or raise pool_size, which is {state.size}: "
        "jobgen_runtime.configure(pool_size=…).",
    )


def timed_out(state: PoolState, request: Request) -> NoFreeConnection:
    """Return the error of a request that has waited for too long, before it is ended."""
    if request.failure is not None:
        return NoFreeConnection(
            f"No connection to the database within {request.seconds:g} s: "
            f"{str(request.failure).strip()}",
            hint="Check that the server runs, and that it accepts more connections.",
        )
    return NoFreeConnection(
        f"No connection of the pool was free within {request.seconds:g} s: {state.describe()}.",
        hint="Keep transactions short, pass their connection to the calls inside, or raise "
        f"pool_size, which is {state.size}: jobgen_runtime.configure(pool_size=…).",
    )
