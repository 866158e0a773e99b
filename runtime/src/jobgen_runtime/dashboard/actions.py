"""The dashboard's addresses: what each does by each method, and the right that this needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.responses import Response

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.changes.bulk_actions import change_many
from jobgen_runtime.dashboard.changes.change_actions import cancel, create_job, delete, retry
from jobgen_runtime.dashboard.changes.operations import OPERATIONS
from jobgen_runtime.dashboard.changes.pause_actions import pause, pause_all, resume, resume_all
from jobgen_runtime.dashboard.charts.charts_page import view_charts
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.errors.errors_page import list_errors
from jobgen_runtime.dashboard.export.export_action import export_jobs
from jobgen_runtime.dashboard.overview.overview_action import list_jobs
from jobgen_runtime.dashboard.page_actions import find_reference, list_job, new_job, view_job
from jobgen_runtime.dashboard.preference_actions import save_columns, save_theme
from jobgen_runtime.dashboard.schedules import schedule_actions, schedule_form_actions
from jobgen_runtime.dashboard.schedules.schedules_page import list_schedules
from jobgen_runtime.dashboard.workers.workers_page import list_workers


@dataclass(frozen=True)
class Action:
    """What an address and a method do, and the right on the job's table that this needs."""

    run: Callable[[DashboardRequest], Awaitable[Response]]
    right: Right = Right.SEE


ACTIONS: Mapping[str, Mapping[str, Action]] = MappingProxyType(
    {
        "": {"GET": Action(list_jobs)},
        "ListJobs": {"GET": Action(list_jobs)},
        "ListErrors": {"GET": Action(list_errors)},
        "ListSchedules": {"GET": Action(list_schedules)},
        "ListWorkers": {"GET": Action(list_workers)},
        "ListJob": {"GET": Action(list_job)},
        "ViewCharts": {"GET": Action(view_charts)},
        "ExportJobs": {"GET": Action(export_jobs)},
        "ViewJob": {"GET": Action(view_job)},
        "CreateJob": {
            "GET": Action(new_job, Right.CREATE),
            "POST": Action(create_job, Right.CREATE),
        },
        "FindReference": {"GET": Action(find_reference)},
        "CancelJob": {"POST": Action(cancel, Right.CANCEL)},
        "DeleteJob": {"POST": Action(delete, Right.DELETE)},
        "RetryJob": {"POST": Action(retry, Right.RETRY)},
        **{each.action: {"POST": Action(change_many(each), each.right)} for each in OPERATIONS},
        "PauseKind": {"POST": Action(pause, Right.PAUSE)},
        "ResumeKind": {"POST": Action(resume, Right.PAUSE)},
        "PauseAll": {"POST": Action(pause_all, Right.PAUSE)},
        "ResumeAll": {"POST": Action(resume_all, Right.PAUSE)},
        "PauseSchedule": {"POST": Action(schedule_actions.pause, Right.PAUSE)},
        "ResumeSchedule": {"POST": Action(schedule_actions.resume, Right.PAUSE)},
        "RemoveSchedule": {"POST": Action(schedule_actions.remove, Right.DELETE)},
        "RunSchedule": {"POST": Action(schedule_actions.run_now, Right.CREATE)},
        "CreateSchedule": {
            "GET": Action(schedule_form_actions.new_schedule, Right.CREATE),
            "POST": Action(schedule_form_actions.create_schedule, Right.CREATE),
        },
        "ChangeSchedule": {
            "GET": Action(schedule_form_actions.edit_schedule, Right.CREATE),
            "POST": Action(schedule_form_actions.save_schedule, Right.CREATE),
        },
        "SaveColumns": {"POST": Action(save_columns)},
        "SaveTheme": {"POST": Action(save_theme)},
    }
)
"""The actions by the last part of the address, then by method."""
