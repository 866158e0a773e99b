from django.contrib import admin
from jobgen_runtime.django.admin import ReadOnlyJobAdmin

from .models import Choice, MailResultsJobModel, Question


class ChoiceInline(admin.TabularInline):
    model = Choice
    extra = 3


class QuestionAdmin(admin.ModelAdmin):
    list_display = ["question_text", "pub_date", "was_published_recently"]
    inlines = [ChoiceInline]


admin.site.register(Question, QuestionAdmin)


@admin.register(MailResultsJobModel)
class MailResultsJobAdmin(ReadOnlyJobAdmin):
    pass
