"""Django models of jobs, written by `jobgen models django`. Do not edit."""

from django.db import models
from django.db.models.functions import Now

__all__ = [
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
