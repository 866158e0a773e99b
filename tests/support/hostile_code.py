"""Hostile code that a worker must withstand, for the jobs of the soak test."""

from __future__ import annotations

MISBEHAVIOUR = '''

def misbehave(job):
    """Do something hostile now and then; return what `perform` is to return."""
    import random
    if random.random() < 0.1:
        act, pid = random.choice([*HOSTILE, *RAISING]), os.getpid()
        try:
            return act()
        except BaseException as error:
            if act not in RAISING and os.getpid() == pid:
                if isinstance(error, Exception):
                    # What fails by accident does nothing hostile.
                    complain(f"{act.__name__} raised {error!r}")
                else:
                    # The job has done its work, but is released.
                    record("interrupted", job, pid)
            raise
    if random.random() < 0.002:
        os.kill(os.getpid(), signal.SIGKILL)
    if random.random() < 0.001:
        cancel_all_tasks()
    return None


def cancel_all_tasks():
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        return  # There is no event loop in threads and processes.
    for task in tasks:
        task.cancel()


def complain(text):
    """Record what the soak test is to fail for."""
    file = os.open("complaints", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{text}\\n".encode())
    os.close(file)


def fork_and_exit():
    pid = os.fork()
    if pid == 0:
        sys.exit(7)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != 7:
        complain(f"a forked process exited with {code}")


def use_pool():
    import multiprocessing
    with multiprocessing.get_context("fork").Pool(2) as pool:
        if pool.map(abs, range(-3, 3)) != [3, 2, 1, 0, 1, 2]:
            complain("a pool of processes gave wrong results")


def ignore_signals():
    import contextlib
    # Only the main thread may.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def close_output():
    sys.stdout.close()


def return_generator():
    return (number for number in range(3))


def return_coroutines():
    return [asyncio.sleep(0)]


def configure_logging():
    import logging.config
    logging.config.dictConfig({"version": 1, "root": {"level": "ERROR"}})


def disable_logging():
    import logging
    logging.disable(logging.CRITICAL)


def exit_program():
    raise SystemExit("enough")


def interrupt_program():
    raise KeyboardInterrupt


def snooze_without_delay():
    from jobgen_runtime import Snooze

    class Later(Snooze):
        def __init__(self):
            pass

    raise Later


def run_process():
    import subprocess
    subprocess.run(["true"], check=True)


def change_state():
    import random
    random.seed()
    os.umask(0o077)
    os.environ["TZ"] = "Asia/Kolkata"
    time.tzset()


HOSTILE = (
    fork_and_exit,
    use_pool,
    ignore_signals,
    close_output,
    return_generator,
    return_coroutines,
    configure_logging,
    disable_logging,
    run_process,
    change_state,
)
RAISING = (exit_program, interrupt_program, snooze_without_delay)
'''
"""The end of a job's module, after `RECORDING` of bookkeeping.py: `return misbehave(job)`."""
