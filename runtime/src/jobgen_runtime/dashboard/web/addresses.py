"""The dashboard's addresses: paths below the mount point."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode
from uuid import UUID

from starlette.types import Scope

from jobgen_runtime.dashboard.access.visitor import Right


def mount_path(scope: Scope) -> str:
    """Return the prefix that the dashboard is mounted at, safe to start a link or redirect with.

    It may come from a proxy's header: slashes at its start are reduced to one, because a path
    that begins with two names a host.
    """
    path = quote(str(scope.get("root_path", "")).strip("/"), safe="/-._~!$&()*+,;=:@")
    return f"/{path}" if path else ""


def route_path(scope: Scope) -> str:
    """Return the request's path below the mount.

    The path may lack what is in front of the application: `FastAPI(root_path=…)` and some servers
    leave it as a proxy has cut it. Starlette keeps that part as `app_root_path`.
    """
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    outer = str(scope.get("app_root_path", "")).rstrip("/")
    for prefix in (root, root.removeprefix(outer)):
        if prefix and (path == prefix or path.startswith(prefix + "/")):
            return path[len(prefix) :]
    return path


@dataclass(frozen=True)
class Addresses:
    """Links to the dashboard's pages. Parameters that are None or empty are left out."""

    root: str

    def _to(self, action: str, **parameters: object) -> str:
        query = urlencode({k: v for k, v in parameters.items() if v is not None and v != ""})
        return f"{self.root}/{action}{'?' if query else ''}{query}"

    def list_jobs(self, **parameters: object) -> str:
        """Return the address of the overview."""
        return self._to("", **parameters)

    def list_job(
        self,
        table: str,
        *,
        page: int | None = None,
        status: str | None = None,
        **parameters: object,
    ) -> str:
        """Return the address of a page of a table's list.

        Args:
            table: The table's key.
            page: The page, counted from 1; None for the first.
            status: The status to show, as in `status_word`; None for all.
            parameters: Further parameters of the query: `sort`, `q`, `where_<column>`, `at`.
        """
        page = None if page == 1 else page
        return self._to("ListJob", tableName=table, status=status, page=page, **parameters)

    def export_jobs(self, table: str, **parameters: object) -> str:
        """Return the address of a file with the jobs of a table's list.

        Args:
            table: The table's key.
            parameters: `format`, "csv" or "ndjson", and the parameters of the list.
        """
        return self._to("ExportJobs", tableName=table, **parameters)

    def view_job(self, table: str, job_id: UUID | str, **parameters: object) -> str:
        """Return the address of a job's page."""
        return self._to("ViewJob", tableName=table, id=job_id, **parameters)

    def create_job(self, table: str, **parameters: object) -> str:
        """Return the address of the form for a new job, to which the form is also posted."""
        return self._to("CreateJob", tableName=table, **parameters)

    def find_reference(self, table: str, column: str) -> str:
        """Return the address that finds rows to choose from; `q` is added to it."""
        return self._to("FindReference", tableName=table, column=column)

    def cancel_job(self) -> str:
        """Return the address to post `tableName` and `id` to in order to cancel a job."""
        return self._to("CancelJob")

    def delete_job(self) -> str:
        """Return the address to post `tableName` and `id` to in order to delete a job."""
        return self._to("DeleteJob")

    def retry_job(self) -> str:
        """Return the address to post `tableName` and `id` to in order to retry a job."""
        return self._to("RetryJob")

    def change_job(self, right: Right) -> str:
        """Return the address to post `tableName` to in order to do what a right allows.

        All but creating a job and pausing its kind need its `id`, too.
        """
        if right is Right.PAUSE:
            return self.pause_kind()
        return self._to(f"{right.value.capitalize()}Job")

    def change_jobs(self, action: str) -> str:
        """Return the address to post `tableName` and the chosen jobs of a list to.

        Args:
            action: "RetryJobs", "CancelJobs", "DeleteJobs" or "RescheduleJobs".
        """
        return self._to(action)

    def pause_kind(self) -> str:
        """Return the address to post `tableName` to in order to pause a kind."""
        return self._to("PauseKind")

    def resume_kind(self) -> str:
        """Return the address to post `tableName` to in order to resume a kind."""
        return self._to("ResumeKind")

    def pause_all(self) -> str:
        """Return the address to post to in order to pause all kinds; it asks first."""
        return self._to("PauseAll")

    def resume_all(self) -> str:
        """Return the address to post to in order to resume all kinds; it asks first."""
        return self._to("ResumeAll")

    def section(self, action: str, **parameters: object) -> str:
        """Return the address of a page of the navigation, by its action."""
        return self._to(action, **parameters)

    def create_schedule(self) -> str:
        """Return the address of the form for a new schedule, to which it is also posted."""
        return self._to("CreateSchedule")

    def change_schedule(self, table: str = "", name: str = "") -> str:
        """Return the address of a schedule's form; without arguments, the one to post it to."""
        return self._to("ChangeSchedule", tableName=table, name=name)

    def worker(self, worker: str) -> str:
        """Return the address of a worker's row on the page of the workers, by its id."""
        return f"{self._to('ListWorkers')}#worker-{quote(worker)}"

    def save_columns(self) -> str:
        """Return the address to post `tableName` and the columns of its list to."""
        return self._to("SaveColumns")

    def save_theme(self) -> str:
        """Return the address to post the `theme` to that the visitor chooses."""
        return self._to("SaveTheme")

    def asset(self, name: str) -> str:
        """Return the address of the style sheet or the script."""
        return f"{self.root}/assets/{name}"
