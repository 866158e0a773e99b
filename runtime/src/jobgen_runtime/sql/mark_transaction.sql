-- Marks a job's transaction: the mark does not outlive it. `succeed_in_transaction.sql` reads it.
SET LOCAL jobgen.transaction = 'open'
