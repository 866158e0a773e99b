-- Let deferred constraints and triggers speak up before the commit.
SET CONSTRAINTS ALL IMMEDIATE
