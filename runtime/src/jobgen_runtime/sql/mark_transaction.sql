-- Marks a job's transaction: the mark does not outlive it. `success_in_transaction.sql` reads it.
SET LOCAL jobgen.transaction = 'open'
