"""The statements that do not block the writers of a table with rows."""

from __future__ import annotations

import pytest

from jobgen.migrate.online import including_partitions, online_form, without_not_valid

FORMS = {
    "an index": (
        "INDEX",
        "CREATE INDEX i ON public.t USING btree (a);",
        ("CREATE INDEX CONCURRENTLY i ON public.t USING btree (a);",),
    ),
    "an index that the table is clustered on": (
        "INDEX",
        "CREATE UNIQUE INDEX i ON public.t USING btree (a);\n\nALTER TABLE public.t CLUSTER ON i;",
        (
            "CREATE UNIQUE INDEX CONCURRENTLY i ON public.t USING btree (a);",
            "ALTER TABLE public.t CLUSTER ON i;",
        ),
    ),
    "an index of a partitioned table": (
        "INDEX",
        "CREATE INDEX i ON ONLY public.t USING btree (a);",
        (),
    ),
    "a unique constraint": (
        "CONSTRAINT",
        (
            'ALTER TABLE ONLY public."T x"\n    ADD CONSTRAINT "K y" UNIQUE NULLS NOT DISTINCT'
            ' (a, "b)")'
            " INCLUDE (c) WITH (fillfactor='70') DEFERRABLE INITIALLY DEFERRED;"
        ),
        (
            (
                'CREATE UNIQUE INDEX CONCURRENTLY "K y" ON public."T x" USING btree (a, "b)")'
                " INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor='70');"
            ),
            (
                'ALTER TABLE public."T x" ADD CONSTRAINT "K y" UNIQUE USING INDEX "K y"'
                " DEFERRABLE INITIALLY DEFERRED;"
            ),
        ),
    ),
    "a primary key": (
        "CONSTRAINT",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY (a, b) INCLUDE (c);",
        (
            "CREATE UNIQUE INDEX CONCURRENTLY k ON public.t USING btree (a, b) INCLUDE (c);",
            "ALTER TABLE public.t ADD CONSTRAINT k PRIMARY KEY USING INDEX k;",
        ),
    ),
    "a temporal key": (
        "CONSTRAINT",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY (a, b WITHOUT OVERLAPS);",
        (),
    ),
    "an exclusion": (
        "CONSTRAINT",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k EXCLUDE USING gist (a WITH &&);",
        (),
    ),
    "a check": (
        "CHECK CONSTRAINT",
        "ALTER TABLE public.t\n    ADD CONSTRAINT k CHECK ((a > 0));",
        (
            "ALTER TABLE public.t\n    ADD CONSTRAINT k CHECK ((a > 0)) NOT VALID;",
            "ALTER TABLE public.t VALIDATE CONSTRAINT k;",
        ),
    ),
    "a check that is not valid": (
        "CHECK CONSTRAINT",
        "ALTER TABLE public.t\n    ADD CONSTRAINT k CHECK ((a > 0)) NOT VALID;",
        (),
    ),
    "a foreign key": (
        "FK CONSTRAINT",
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES public.u(id);",
        (
            (
                "ALTER TABLE ONLY public.t\n"
                "    ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES public.u(id) NOT VALID;"
            ),
            "ALTER TABLE public.t VALIDATE CONSTRAINT k;",
        ),
    ),
    "a trigger": ("TRIGGER", "CREATE TRIGGER g AFTER INSERT ON public.t;", ()),
}


@pytest.mark.parametrize(("kind", "text", "expected"), FORMS.values(), ids=FORMS.keys())
def test_form_without_locks(kind: str, text: str, expected: tuple[str, ...]) -> None:
    assert online_form(kind, text) == expected


def test_partitions_are_included_on_request() -> None:
    assert including_partitions("CREATE INDEX i ON ONLY t USING btree (a);") == (
        "CREATE INDEX i ON t USING btree (a);"
    )
    assert including_partitions("ALTER TABLE ONLY t ADD PRIMARY KEY (a);") == (
        "ALTER TABLE t ADD PRIMARY KEY (a);"
    )


def test_validity_is_taken_out() -> None:
    assert without_not_valid("ALTER TABLE t ADD CHECK (a) NOT VALID;") == (
        "ALTER TABLE t ADD CHECK (a);"
    )
    assert without_not_valid("CREATE VIEW v AS SELECT 1;") == "CREATE VIEW v AS SELECT 1;"
