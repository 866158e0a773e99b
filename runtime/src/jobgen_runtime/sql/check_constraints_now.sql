-- Check deferred constraints, and run deferred triggers, before the commit.
SET CONSTRAINTS ALL IMMEDIATE
