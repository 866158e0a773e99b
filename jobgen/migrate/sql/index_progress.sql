-- Phase and percentage of the index build of one backend.
SELECT phase, CASE WHEN blocks_total > 0 THEN 100 * blocks_done / blocks_total END AS percent
FROM pg_stat_progress_create_index
WHERE pid = %s
