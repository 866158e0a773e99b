DROP TABLE django_task_jobs;
DROP FUNCTION track_django_task_attempt();
