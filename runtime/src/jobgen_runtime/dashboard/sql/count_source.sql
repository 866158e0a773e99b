-- Count the rows that an index finds, at most `most` of them.
SELECT count(*) FROM (SELECT FROM {table} AS job WHERE {source} LIMIT %(most)s) found
