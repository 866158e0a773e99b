-- Insert a job for each job that has failed permanently, except for those that an operator cancelled.
INSERT INTO {report_table} ({report_columns})
SELECT {report_values}
FROM {ended}
WHERE {ended}.status IN ('job_status_failed', 'job_status_timed_out') AND {is_reported}
