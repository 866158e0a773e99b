"""The dashboard's addresses, for `path("jobs/", include("jobgen_runtime.django.urls"))`."""

from __future__ import annotations

from jobgen_runtime.django.dashboard import NAMESPACE, dashboard_urls, default_dashboard

app_name = NAMESPACE
urlpatterns, _, _ = dashboard_urls(default_dashboard())
