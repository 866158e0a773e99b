import datetime

from django.core import mail
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from .generated.types import MailResultsJob
from .jobs.mail_results import MailResults
from .models import Question


def create_question(question_text, days):
    """Return a question with two choices, published some days from now."""
    time = timezone.now() + datetime.timedelta(days=days)
    question = Question.objects.create(question_text=question_text, pub_date=time)
    question.choice_set.create(choice_text="Not much")
    question.choice_set.create(choice_text="The sky")
    return question


class QuestionIndexViewTests(TestCase):
    def test_future_question(self):
        create_question("Future question.", days=30)
        response = self.client.get(reverse("polls:index"))
        self.assertContains(response, "No polls are available.")


class VoteTests(TestCase):
    def setUp(self):
        self.question = create_question("What's up?", days=-1)
        self.address = reverse("polls:vote", args=[self.question.pk])

    def test_vote_counts_and_enqueues_its_job(self):
        choice = self.question.choice_set.get(choice_text="The sky")
        response = self.client.post(self.address, {"choice": choice.pk})
        self.assertRedirects(response, reverse("polls:results", args=[self.question.pk]))
        choice.refresh_from_db()
        self.assertEqual(choice.votes, 1)
        [job] = MailResultsJob.fetch_all_sync("TABLE mail_results_jobs", conn=connection)
        self.assertEqual(job.question_id, self.question.pk)

    def test_vote_without_a_choice_enqueues_nothing(self):
        response = self.client.post(self.address)
        self.assertContains(response, "You didn&#x27;t select a choice.")
        self.assertEqual(MailResultsJob.fetch_all_sync("TABLE mail_results_jobs", conn=connection), [])


class MailResultsTests(TestCase):
    def test_job_mails_the_results(self):
        question = create_question("What's up?", days=-1)
        job = MailResultsJob.create_sync(connection, question_id=question.pk)
        MailResults().perform(job)
        [message] = mail.outbox
        self.assertEqual(message.subject, "[Polls] New vote: What's up?")
        self.assertEqual(message.body, "Not much: 0\nThe sky: 0")
