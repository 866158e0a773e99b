from django.core.mail import mail_managers
from jobgen_runtime import Job

from polls.generated.types import MailResultsJob
from polls.models import Question


class MailResults(Job[MailResultsJob]):
    def perform(self, job: MailResultsJob) -> None:
        question = Question.objects.get(pk=job.question_id)
        votes = [f"{choice}: {choice.votes}" for choice in question.choice_set.order_by("pk")]
        mail_managers(f"New vote: {question}", "\n".join(votes))
