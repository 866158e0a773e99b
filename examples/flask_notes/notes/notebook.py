from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.exc import IntegrityError

from notes.generated.types import CountWordsJob
from notes.models import Note, db

bp = Blueprint("notebook", __name__)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    query = db.select(Note).filter_by(author_id=current_user.id).order_by(Note.id).limit(100)
    return render_template("index.html", notes=db.session.scalars(query))


@bp.post("/notes")
@login_required
def create() -> ResponseReturnValue:
    """Save a note for each pair of a title and a text of the form: all of them, or none."""
    texts = request.form.getlist("body")
    try:
        for title, body in zip(request.form.getlist("title"), texts, strict=False):
            note = Note(author_id=current_user.id, title=title, body=body)
            db.session.add(note)
            db.session.flush()  # the note gets its id
            CountWordsJob.create_sync(db.session, note_id=note.id)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409, "You already have a note with this title.")
    return redirect(url_for("notebook.index"))
