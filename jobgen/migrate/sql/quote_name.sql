-- A name as the server writes it in definitions.
SELECT quote_ident(%s)
