"""Generate shows a plan, and applies exactly that plan or nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from html import unescape
from pathlib import Path
from threading import Barrier

from jobgen.apply import applied_changes, apply_plan
from jobgen.generate import init
from jobgen.generate.table import GENERATORS
from jobgen.ide.form import form_fields, read_arguments
from jobgen.ide.parameters import Parameters
from jobgen.plan.diff import unified_diff
from jobgen.project import find_project
from tests.generate import projects
from tests.ide.forms import generate, posted_forms, text_of
from tests.ide.site import Site, served_site
from tests.support.tree import read_tree

JOB = "/generate/job"


def test_every_generator_has_a_form_with_the_fields_of_its_schema(site: Site) -> None:
    start = site.get("/generate").text
    project = find_project(site.root)
    for generator in GENERATORS:
        address = f"/generate/{generator.name.replace(' ', '-')}"
        if not generator.in_project:
            assert site.get(address).status_code == 404
            continue
        assert f'href="{address}"' in start
        page = site.get(address).text
        properties = generator.schema(project)["properties"]
        assert isinstance(properties, dict)
        for name, value in properties.items():
            assert f'name="{name}"' in page
            assert value["description"] in unescape(page)


def test_choices_begin_with_what_the_generator_does_without_them(site: Site) -> None:
    project, empty = find_project(site.root), Parameters()
    for generator in (each for each in GENERATORS if each.in_project):
        schema = generator.schema(project)
        for field in form_fields(schema, empty):
            if field.control == "choice":
                assert field.value in field.options, (generator.name, field.name)
                chosen = Parameters([(field.name, field.value)])
                assert field.name not in read_arguments(schema, chosen)


def test_unique_job_is_planned_from_the_form(site: Site) -> None:
    fields = {"name": "Scan", "columns": "a:int\r\nb:int", "unique": "a\r\nb"}
    page = text_of(site.get(JOB, **fields, **{"while": "unfinished"}))
    assert "jobgen job Scan a:int b:int --unique a --unique b" in page
    assert "CREATE UNIQUE INDEX scan_jobs_a_b_unique ON scan_jobs (a, b) WHERE" in page
    page = text_of(site.get(JOB, **fields, **{"while": "always"}))
    assert "CREATE UNIQUE INDEX scan_jobs_a_b_unique ON scan_jobs (a, b);" in page


def test_plan_is_applied_as_it_was_shown_and_undone(site: Site) -> None:
    before = read_tree(site.root)
    fields = {"name": "email_customers", "columns": "band:references\r\n\r\n note:text?\r\n"}
    page = site.get(JOB, **fields)
    plan = projects.job(site.root, "email_customers", "band:references", "note:text?")
    shown = text_of(page)
    for change in plan.pending:
        _, hunks = unified_diff(change).split("@@", 1)
        assert str(change.path) in shown
        assert f"@@{hunks}" in shown
    assert "jobgen job email_customers band:references 'note:text?'" in shown
    assert read_tree(site.root) == before
    assert not (site.root / ".jobgen").exists(), "a preview writes nothing at all"

    done = generate(site, page)
    assert done.status_code == 303
    for change in plan.pending:
        assert (site.root / change.path).read_bytes() == change.after
    page = site.get(done.headers["location"])
    assert "Done: jobgen job EmailCustomers" in text_of(page)
    for step in plan.next_steps:
        assert step in text_of(page)
    assert "Nothing to do" in text_of(site.get(JOB, **fields))
    assert done.headers["location"] in site.get("/changes").text

    undone = generate(site, page)
    assert undone.status_code == 303
    assert read_tree(site.root) == before
    page = site.get(undone.headers["location"])
    assert "Undone: jobgen job EmailCustomers" in text_of(page)
    assert "DROP TABLE" in text_of(page)
    assert not posted_forms(page)


def test_second_browser_is_shown_that_its_plan_is_outdated(site: Site) -> None:
    first, second = site.get(JOB, name="One"), site.get(JOB, name="Two")
    [form] = posted_forms(second).values()
    current = f"{JOB}/{form['plan.digest']}"
    assert site.get(current).status_code == 204
    generate(site, first)
    assert site.get(current).status_code == 410
    tree = read_tree(site.root)
    stale = generate(site, second)
    assert stale.status_code == 409
    assert "Nothing was written: the project has changed" in text_of(stale)
    assert read_tree(site.root) == tree
    assert generate(site, stale).status_code == 303
    assert "workers: list[type[Job[Any]]] = [One, Two]" in (site.root / "Web/Worker.py").read_text()


def test_plans_that_are_applied_at_once_are_applied_one_after_another(site: Site) -> None:
    names = ["One", "Two", "Three", "Four"]
    pages = {name: site.get(JOB, name=name) for name in names}
    barrier = Barrier(len(names))

    def press(name: str) -> int:
        barrier.wait()
        return generate(site, pages[name]).status_code

    with ThreadPoolExecutor(len(names)) as pool:
        codes = dict(zip(names, pool.map(press, names), strict=True))
    assert sorted(codes.values()) == [303, 409, 409, 409]
    written = {path.stem for path in (site.root / "Web/Job").glob("*.py")}
    assert written == {name for name, code in codes.items() if code == 303}
    for name in names:
        if codes[name] == 409:
            assert generate(site, site.get(JOB, name=name)).status_code == 303
    assert {path.stem for path in (site.root / "Web/Job").glob("*.py")} == set(names)
    assert not projects.types(site.root).pending


def test_plan_that_was_shown_before_a_restart_is_applied(shop: Path) -> None:
    with served_site(shop) as site:
        page = site.get(JOB, name="Greet")
        other = site.get(JOB, name="Other")
    with served_site(shop) as site:
        [(action, form)] = posted_forms(page).items()
        assert site.get(f"{action}/{form['plan.digest']}").status_code == 410
        done = generate(site, page)
        assert done.status_code == 303
        assert generate(site, other).status_code == 409
        assert not (shop / "Web/Job/Other.py").exists()
    with served_site(shop) as site:
        page = site.get(done.headers["location"])
        assert "Done: jobgen job Greet" in text_of(page)
        assert generate(site, page).status_code == 303
        assert not (shop / "Web/Job/Greet.py").exists()


def test_file_that_differs_is_shown_side_by_side_and_written_only_when_chosen(site: Site) -> None:
    job = site.root / "Web/Job/Greet.py"
    job.parent.mkdir(parents=True)
    mine = b"# mine\nfrom jobgen_runtime import Job\n"
    job.write_bytes(mine)
    page = site.get(JOB, name="Greet")
    assert not posted_forms(page), "nothing can be generated before the choice"
    assert re.search(r'class="removed"># mine</td><td></td>', page.text)
    assert re.search(r'<td></td><td class="added">class Greet\(', page.text)
    choice = "plan.file:Web/Job/Greet.py"
    assert page.text.count(f'name="{choice}"') == 2
    assert site.post(JOB, name="Greet").status_code == 409
    assert site.post(JOB, name="Greet", **{choice: "write", "plan.digest": "0"}).status_code == 409
    assert job.read_bytes() == mine

    page = site.get(JOB, name="Greet", **{choice: "keep"})
    assert "jobgen job Greet --skip" in text_of(page)
    done = generate(site, page)
    assert job.read_bytes() == mine
    assert "[Greet]" in (site.root / "Web/Worker.py").read_text()
    generate(site, site.get(done.headers["location"]))

    page = site.get(JOB, name="Greet", **{choice: "write"})
    assert "jobgen job Greet --force" in text_of(page)
    generate(site, page)
    assert b"class Greet(" in job.read_bytes()


def test_list_that_cannot_be_edited_is_left_to_the_user_who_says_so(site: Site) -> None:
    worker = site.root / "Web/Worker.py"
    worker.write_text("workers = list(make())\n")
    page = site.get(JOB, name="Greet")
    assert not posted_forms(page)
    assert "Web/Worker.py" in text_of(page)
    assert 'name="plan.skip-registration"' in page.text
    page = site.get(JOB, name="Greet", **{"plan.skip-registration": "yes"})
    assert "jobgen job Greet --skip-registration" in text_of(page)
    assert generate(site, page).status_code == 303
    assert worker.read_text() == "workers = list(make())\n"


def test_change_that_was_edited_or_is_not_the_latest_is_not_undone(site: Site) -> None:
    first = generate(site, site.get(JOB, name="One")).headers["location"]
    shown = site.get(first)
    generate(site, site.get(JOB, name="Two"))
    answer = generate(site, shown)
    assert answer.status_code == 409
    assert "a later change must be undone first" in text_of(answer)
    latest = generate(site, site.get(JOB, name="Three")).headers["location"]
    page = site.get(latest)
    job = site.root / "Web/Job/Three.py"
    job.write_text(job.read_text() + "# mine\n")
    answer = generate(site, page)
    assert answer.status_code == 409
    assert "Web/Job/Three.py was edited since" in text_of(answer)
    assert job.exists()


def test_number_of_an_undone_change_does_not_undo_another_one(site: Site) -> None:
    page = site.get(generate(site, site.get(JOB, name="One")).headers["location"])
    generate(site, page)
    again = generate(site, site.get(JOB, name="Two")).headers["location"]
    [(action, _)] = posted_forms(site.get(again)).items()
    assert action in posted_forms(page), "the numbers are the same, or this tests nothing"
    assert generate(site, page).status_code == 409
    assert (site.root / "Web/Job/Two.py").exists()


def test_change_that_created_the_project_is_not_undone_here(shop: Path) -> None:
    for path in ("Application", "Web", "pyproject.toml"):
        (shop / path).rename(shop / f"old-{path}")
    apply_plan(shop, init.make_plan(shop))
    with served_site(shop) as site:
        [change] = re.findall(r"/changes/\d+", site.get("/changes").text)
        page = site.get(change)
        assert not posted_forms(page)
        receipt = next(applied_changes(shop)).to_json()
        digest = sha256(receipt).hexdigest()
        answer = site.post(f"{change}/undo", **{"change.digest": digest})
        assert answer.status_code == 409
        assert "This created the project" in text_of(answer)
    assert (shop / "pyproject.toml").exists()
