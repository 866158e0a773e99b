"""Django models of jobs, written by `jobgen models django`. Do not edit."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

__all__ = [
    "DjangoTaskJobModel",
    "MailResultsJobModel",
]

JOB_STATUS_CHOICES = (
    ("job_status_not_started", "not started"),
    ("job_status_running", "running"),
    ("job_status_failed", "failed"),
    ("job_status_timed_out", "timed out"),
    ("job_status_succeeded", "succeeded"),
    ("job_status_retry", "retry"),
)


class DjangoTaskJobModel(models.Model):
    """A row of django_task_jobs."""

    id = models.UUIDField(
        primary_key=True,
        db_default=models.Func(function="uuidv7"),
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    status = models.TextField(
        choices=JOB_STATUS_CHOICES,
        db_default="job_status_not_started",
    )
    last_error = models.TextField(blank=True, null=True)
    attempts_count = models.IntegerField(db_default=0)
    locked_at = models.DateTimeField(blank=True, null=True)
    locked_by = models.UUIDField(blank=True, null=True)
    run_at = models.DateTimeField(db_default=Now())
    task = models.TextField()
    args = models.JSONField(db_default=models.Value([], models.JSONField()))
    kwargs = models.JSONField(db_default=models.Value({}, models.JSONField()))
    queue_name = models.TextField(db_default="default")
    backend = models.TextField(db_default="default")
    run_after = models.DateTimeField(blank=True, null=True)
    priority = models.SmallIntegerField(db_default=0)
    started_at = models.DateTimeField(blank=True, null=True)
    last_attempted_at = models.DateTimeField(blank=True, null=True)
    worker_ids = ArrayField(models.UUIDField())
    errors = models.JSONField(db_default=models.Value([], models.JSONField()))
    result = models.JSONField(blank=True, null=True)
    traceparent = models.TextField(blank=True, null=True)

    class Meta:
        app_label = "polls"
        managed = False
        db_table = "django_task_jobs"
        verbose_name = "django task job"

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class MailResultsJobModel(models.Model):
    """A row of mail_results_jobs."""

    id = models.UUIDField(
        primary_key=True,
        db_default=models.Func(function="uuidv7"),
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    status = models.TextField(
        choices=JOB_STATUS_CHOICES,
        db_default="job_status_not_started",
    )
    last_error = models.TextField(blank=True, null=True)
    attempts_count = models.IntegerField(db_default=0)
    locked_at = models.DateTimeField(blank=True, null=True)
    locked_by = models.UUIDField(blank=True, null=True)
    run_at = models.DateTimeField(db_default=Now())
    question = models.ForeignKey(
        "polls.Question",
        models.DO_NOTHING,
        related_name="mail_results_jobs",
    )

    class Meta:
        app_label = "polls"
        managed = False
        db_table = "mail_results_jobs"
        verbose_name = "mail results job"

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)
