"""Names: words, modules, records, tables, attributes, and the 63 bytes of an identifier."""
