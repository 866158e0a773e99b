"""Tests of the job EmailCustomers."""

from email.message import EmailMessage

import pytest
from jobgen_runtime.testing import drain_sync, make_sync

from Generated.Types import Customer
from Web.Job import EmailCustomers as module
from Web.Job.EmailCustomers import EmailCustomers


@pytest.mark.usefixtures("jobgen_transaction")
def test_email_customers_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[EmailMessage] = []
    monkeypatch.setattr(module, "send", sent.extend)
    make_sync(Customer, name="Ada", email="ada@example.org")
    make_sync(EmailCustomers)

    assert drain_sync(kinds=[EmailCustomers]).succeeded == 1
    assert [mail["To"] for mail in sent] == ["Ada <ada@example.org>"]
