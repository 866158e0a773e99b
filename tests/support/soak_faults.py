"""Temporary refusals and settings of the database, for the soak test."""

from __future__ import annotations

SETTINGS = {
    "DateStyle": "'SQL, DMY'",
    "IntervalStyle": "sql_standard",
    "TimeZone": "'Asia/Kolkata'",
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "lock_timeout": "'20ms'",
    "statement_timeout": "'200ms'",
}
"""The temporary settings of the database."""

REFUSALS = {
    "CHECK": (
        (
            "ALTER TABLE probe_jobs ADD CONSTRAINT soak CHECK"
            " (status <> 'job_status_running' OR hashtext(id::text) % 5 <> 0) NOT VALID"
        ),
        "ALTER TABLE probe_jobs DROP CONSTRAINT soak",
    ),
    "trigger that raises": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (NEW.status = 'job_status_running') EXECUTE FUNCTION soak_raise()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
    "trigger that returns NULL": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (NEW.status = 'job_status_running' AND hashtext(NEW.id::text) % 5 = 1)"
            " EXECUTE FUNCTION soak_suppress()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
}
"""How the database refuses some claims, and the statement after which it no longer does."""

REFUSED_ENDS = {
    "CHECK of successes": (
        (
            "ALTER TABLE probe_jobs ADD CONSTRAINT soak CHECK"
            " (status <> 'job_status_succeeded' OR abs(hashtext(id::text) % 9) <> 2) NOT VALID"
        ),
        "ALTER TABLE probe_jobs DROP CONSTRAINT soak",
    ),
    "CHECK of every end": (
        (
            "ALTER TABLE probe_jobs ADD CONSTRAINT soak CHECK"
            " (locked_by IS NOT NULL OR attempts_count = 0 OR abs(hashtext(id::text) % 9) <> 3)"
            " NOT VALID"
        ),
        "ALTER TABLE probe_jobs DROP CONSTRAINT soak",
    ),
    "trigger that raises": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (OLD.status = 'job_status_running') EXECUTE FUNCTION soak_raise()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
    "trigger that returns NULL": (
        (
            "CREATE TRIGGER soak BEFORE UPDATE ON probe_jobs FOR EACH ROW"
            " WHEN (OLD.status = 'job_status_running' AND abs(hashtext(NEW.id::text) % 9) = 4)"
            " EXECUTE FUNCTION soak_suppress()"
        ),
        "DROP TRIGGER soak ON probe_jobs",
    ),
    "unique index": (
        (
            "CREATE UNIQUE INDEX soak ON probe_jobs ((hashtext(id::text) % 99))"
            " WHERE status = 'job_status_succeeded' AND updated_at > '{now}'"
        ),
        "DROP INDEX soak",
    ),
}
"""How the database refuses the ends of some jobs, and the statement after which it no longer does.

`{now}` is the server's time once the statement has locked the table.
"""

FUNCTIONS = """
CREATE FUNCTION soak_raise() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF random() < 0.2 THEN
        RAISE 'not now';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION soak_suppress() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END
$$;
"""
