import click
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_required, login_user, logout_user
from werkzeug.security import check_password_hash, generate_password_hash

from notes.models import User, db

bp = Blueprint("auth", __name__, url_prefix="/auth")
login_manager = LoginManager()
login_manager.login_view = "auth.login"


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    if request.method == "POST":
        query = db.select(User).filter_by(username=request.form["username"])
        user = db.session.scalars(query).first()
        if user is not None and check_password_hash(user.password, request.form["password"]):
            login_user(user)
            return redirect(url_for("notebook.index"))
        flash("Incorrect username or password.")
    return render_template("login.html")


@bp.post("/logout")
@login_required
def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("auth.login"))


@bp.cli.command("add-user")
@click.argument("username")
@click.option("--admin", is_flag=True, help="May see the jobs.")
@click.password_option()
def add_user(username: str, password: str, *, admin: bool) -> None:
    """Add a user."""
    hashed = generate_password_hash(password)
    db.session.add(User(username=username, password=hashed, is_admin=admin))
    db.session.commit()
