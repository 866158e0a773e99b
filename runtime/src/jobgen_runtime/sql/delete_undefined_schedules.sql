-- Delete the code's schedules of a table that its code does not have any more, once no live worker has
-- them. Paused ones stay, so that a rollback of the code does not resume them.
DELETE FROM {job_schedules} AS known
WHERE job_table = {regclass}::REGCLASS
    AND source = 'code'
    AND paused_at IS NULL
    AND name <> ALL (%(names)s::TEXT[])
    AND NOT EXISTS (SELECT FROM {job_workers} WHERE id = known.defined_by AND expires_at > NOW())
RETURNING name
