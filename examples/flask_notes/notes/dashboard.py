from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from jobgen_runtime.dashboard import Visitor
from jobgen_runtime.dashboard.wsgi import WsgiDashboard

from notes.web import MyJobDashboard

bp = Blueprint("dashboard", __name__, url_prefix="/jobs")
dashboard = WsgiDashboard(MyJobDashboard)


@bp.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@bp.route("/<path:path>", methods=["GET", "POST"])
@login_required
def show(path: str) -> ResponseReturnValue:
    if not current_user.is_admin:
        abort(403)
    return dashboard.for_visitor(Visitor(current_user.username), path)
