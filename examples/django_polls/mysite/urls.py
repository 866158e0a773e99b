from django.contrib import admin
from django.urls import include, path
from jobgen_runtime.django import dashboard_urls

from polls.web import MyJobDashboard

urlpatterns = [
    path("polls/", include("polls.urls")),
    path("jobs/", dashboard_urls(MyJobDashboard)),
    path("admin/", admin.site.urls),
]
