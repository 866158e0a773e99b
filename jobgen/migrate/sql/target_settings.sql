-- The settings that decide what the statements of Schema.sql mean.
SELECT name, setting FROM pg_catalog.pg_settings
WHERE name IN (
    'DateStyle', 'IntervalStyle', 'TimeZone', 'array_nulls', 'backslash_quote', 'bytea_output',
    'default_text_search_config', 'default_toast_compression', 'default_transaction_isolation',
    'extra_float_digits', 'lc_monetary', 'lc_numeric', 'lc_time', 'standard_conforming_strings',
    'timezone_abbreviations', 'transform_null_equals', 'xmlbinary', 'xmloption'
)
