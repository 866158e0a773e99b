"""The jobs on the pages of these tests."""

TABLE = "send_invoice_jobs"
LIST = f"/jobs/ListJob?tableName={TABLE}"
JOBS = 6
