"""Pages are compressed for clients that accept it, and their lengths tell nothing."""

from __future__ import annotations

import pytest

from tests.dashboard.sites import DashboardSite, Database

TABLE = "email_customers_jobs"
LIST = f"/jobs/ListJob?tableName={TABLE}"


def test_long_page_is_compressed_with_another_length_each_time(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    plain = site.get(LIST, headers={"Accept-Encoding": "identity"})
    pages = [site.get(LIST, headers={"Accept-Encoding": "br, gzip;q=0.5"}) for _ in range(20)]
    assert {page.headers["content-encoding"] for page in pages} == {"gzip"}
    assert all(page.text.rstrip().endswith("</html>") for page in (plain, *pages))
    lengths = {int(page.headers["content-length"]) for page in pages}
    assert len(lengths) > 5
    assert max(lengths) < len(plain.content) / 2
    assert "Accept-Encoding" in plain.headers["vary"]


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "gzip; q=0.0", "xgzip"])
def test_page_is_not_compressed_for_a_client_that_does_not_accept_it(
    site: DashboardSite, shop: Database, accepted: str
) -> None:
    shop.job_table(TABLE)
    page = site.get(LIST, headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in page.headers
    assert int(page.headers["content-length"]) == len(page.content)
