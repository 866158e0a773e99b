from jobgen_runtime import Job

from notes.generated.types import CountWordsJob
from notes.models import Note, db


class CountWords(Job[CountWordsJob]):
    def perform(self, job: CountWordsJob) -> None:
        note = db.session.get_one(Note, job.note_id)
        note.words = len(note.body.split())
        db.session.commit()
