-- A transaction that is to be rolled back. Should the code inside end it, later ones of the session write
-- nothing.
BEGIN READ WRITE;
SAVEPOINT jobgen_statement
