-- Make a COMMIT of this transaction fail: the constraint is violated, and checked at the end.
CREATE TEMPORARY TABLE jobgen_rolled_back (
    id INT PRIMARY KEY,
    missing INT CONSTRAINT manage_jobs_run_rolls_this_transaction_back
        REFERENCES jobgen_rolled_back DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO jobgen_rolled_back VALUES (1, 2)
