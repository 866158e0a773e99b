"""What programs do now and then that a worker must withstand, for the jobs of the soak test."""

from __future__ import annotations

MISBEHAVIOUR = '''

def misbehave():
    """Do something hostile now and then; return what `perform` is to return."""
    import random
    if random.random() < 0.1:
        return random.choice(HOSTILE)()
    if random.random() < 0.003:
        os.kill(os.getpid(), signal.SIGKILL)
    return None


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
    return_generator,
    return_coroutines,
    configure_logging,
    disable_logging,
    exit_program,
    interrupt_program,
    snooze_without_delay,
    run_process,
    change_state,
)
'''
"""The end of a job's module, after `RECORDING` of bookkeeping.py: `return misbehave()`."""
