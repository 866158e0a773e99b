"""The pages in a real browser: typing, the keyboard, no JavaScript, a restart, other sites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jobgen.ide.pages import PAGES
from tests.ide.command import IdeCommand
from tests.support.accessibility import load_axe, violations
from tests.support.browser import launched
from tests.support.tree import SHOP, read_tree, write_tree
from tests.support.waiting import TIMEOUT

MORE_LINES = "['.diff span:nth-child(n+20)', '.sides tr:nth-child(n+20)']"
"""What axe skips: the lines of a diff after the first ones, which are of the same kinds."""

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def ide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdeCommand]:
    """One `jobgen ide` for the file; each test writes jobs that no other test has."""
    root = write_tree(tmp_path_factory.mktemp("ide") / "my shop", SHOP)
    with IdeCommand(root) as command:
        yield command


@pytest.fixture
def page(browser: Browser, ide: IdeCommand) -> Iterator[Page]:
    """A page that was opened with the token; an error in its console fails the test."""
    yield from _opened(browser, ide)


def _opened(browser: Browser, ide: IdeCommand, *, java_script: bool = True) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=java_script)
    page = context.new_page()
    page.set_default_timeout(1000 * TIMEOUT)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(ide.address)
    page.wait_for_url(f"{ide.url}/generate")
    yield page
    context.close()
    assert said == []


def test_plan_follows_what_is_typed_and_the_keyboard_alone_applies_and_undoes_it(
    page: Page, ide: IdeCommand
) -> None:
    before = read_tree(ide.root)
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_text("Fill in “Name”")).to_be_visible()
    page.keyboard.type("EmailCustomers", delay=5)
    expect(page.locator("#command")).to_have_text("jobgen job EmailCustomers")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Changes of Web/Job/EmailCustomers.py")).to_contain_text(
        "+class EmailCustomers(Job[EmailCustomersJob]):"
    )
    page.keyboard.press("Tab")
    page.keyboard.type("pages:no_such_type")
    expect(page.get_by_text("Nothing can be generated yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Generate")).to_have_count(0)
    page.keyboard.press("Shift+Home")
    page.keyboard.type("pages:int")
    page.keyboard.press("Shift+Tab")
    assert read_tree(ide.root) == before
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Generate")).to_be_focused()
    assert "name=EmailCustomers" in page.url, "a reload shows the same plan"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "Done: jobgen job EmailCustomers pages:int"
    )
    assert "pages INT NOT NULL" in (ide.root / "Application/Schema.sql").read_text()
    expect(page.get_by_role("region", name="Next")).to_contain_text("jobgen migrate")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undone")
    assert read_tree(ide.root) == before


def test_pages_work_without_java_script(browser: Browser, ide: IdeCommand) -> None:
    for page in _opened(browser, ide, java_script=False):
        page.get_by_role("link", name="Script", exact=True).click()
        page.get_by_label("Name").fill("Nightly")
        page.get_by_role("button", name="Show the changes").click()
        page.get_by_role("button", name="Generate").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Done: jobgen script Nightly")
        assert (ide.root / "Application/Script/Nightly.py").exists()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Undone")
        assert not (ide.root / "Application/Script/Nightly.py").exists()


def test_conflict_is_chosen_with_both_contents_in_view(page: Page, ide: IdeCommand) -> None:
    job = ide.root / "Web/Job/Differs.py"
    job.parent.mkdir(parents=True, exist_ok=True)
    job.write_text("mine = 1\n")
    page.get_by_label("Name").fill("Differs")
    both = page.get_by_role("region", name="Web/Job/Differs.py, both contents")
    expect(both).to_contain_text("mine = 1")
    expect(both).to_contain_text("class Differs(")
    expect(page.get_by_role("button", name="Generate")).to_have_count(0)
    page.get_by_label("Keep your file").check()
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    expect(page.locator("#command")).to_have_text("jobgen job Differs --skip")
    expect(page.get_by_label("Keep your file")).to_be_focused()
    page.get_by_label("Overwrite it").check()
    expect(page.locator("#command")).to_have_text("jobgen job Differs --force")
    job.unlink()
    expect(page.locator("#news")).to_contain_text("The project has changed")


@pytest.mark.parametrize(
    ("path", "wrong", "problem"),
    [
        ("Application/Schema.sql", "CREATE TABLE (", "syntax error"),
        ("pyproject.toml", "[tool.jobgen", "pyproject.toml"),
        (
            "Web/Worker.py",
            "from jobgen_runtime import Job\nworkers = find_jobs()\n",
            "cannot be edited",
        ),
    ],
    ids=["schema", "settings", "list"],
)
def test_problem_that_is_solved_in_a_file_gives_way_to_the_plan(
    page: Page, ide: IdeCommand, path: str, wrong: str, problem: str
) -> None:
    file = ide.root / path
    right = file.read_bytes() if file.exists() else None
    file.write_text(wrong)
    try:
        page.get_by_label("Name").fill("Unblocked")
        expect(page.locator("#preview")).to_contain_text(problem)
        expect(page.get_by_role("button", name="Generate")).to_have_count(0)
    finally:
        if right is None:
            file.unlink()
        else:
            file.write_bytes(right)
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    expect(page.locator("#preview")).not_to_contain_text(problem)
    expect(page.locator("#news")).to_have_text("The project has changed: this is the plan now.")


def test_plan_of_a_column_follows_its_form(page: Page, ide: IdeCommand) -> None:
    before = read_tree(ide.root)
    page.get_by_role("link", name="Schema").click()
    page.get_by_role("link", name="Add a column to bands").click()
    expect(page.get_by_text("Fill in “Name”, “Type”")).to_be_visible()
    page.get_by_label("Name").fill("founded")
    page.get_by_label("Type", exact=True).fill("date")
    page.keyboard.press("Tab")  # a click would only close the list of suggestions
    page.get_by_label("Allows NULL").check()
    expect(page.locator("#command")).to_have_text("jobgen column bands 'founded:date?'")
    diff = page.get_by_label("Changes of Application/Schema.sql")
    expect(diff).to_contain_text("+ALTER TABLE bands ADD COLUMN founded DATE DEFAULT NULL;")
    page.get_by_label("Type", exact=True).fill("")
    page.get_by_label("References").select_option("bands")
    expect(diff).to_contain_text("+ALTER TABLE bands ADD COLUMN founded_id UUID")
    assert read_tree(ide.root) == before
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done: jobgen column bands")
    assert "    founded_id: UUID | None" in (ide.root / "Generated/Types.py").read_text()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undone")
    assert read_tree(ide.root) == before


def test_open_page_goes_on_after_a_restart_and_sees_what_another_browser_does(
    page: Page, ide: IdeCommand
) -> None:
    page.get_by_label("Name").fill("Later")
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    ide.stop()
    expect(page.locator("#news")).to_contain_text("jobgen does not answer")
    page.get_by_label("Name").fill("LaterStill")
    ide.start()
    expect(page.locator("#command")).to_have_text("jobgen job LaterStill")
    expect(page.locator("#news")).to_be_hidden()
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()
    other = page.context.new_page()
    other.goto(f"{ide.url}/generate/job?name=Sooner")
    other.get_by_role("button", name="Generate").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Done")
    page.bring_to_front()
    expect(page.locator("#news")).to_have_text("The project has changed: this is the plan now.")
    expect(page.get_by_label("Changes of Web/Worker.py")).to_contain_text("[Sooner, LaterStill]")
    other.get_by_role("button", name="Undo").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Undone")


def test_other_site_neither_reads_nor_changes_anything(page: Page, ide: IdeCommand) -> None:
    before = read_tree(ide.root)
    form = (
        f'<form method="post" action="{ide.url}/generate/job"><input name="name" value="Evil">'
        f'</form><iframe src="{ide.url}/generate"></iframe>'
    )
    for site in ("http://evil.example/", "http://127.0.0.1:1/"):
        page.route(site, lambda route: route.fulfill(body=form, content_type="text/html"))
        page.goto(site)
        read = "url => fetch(url, {credentials: 'include'}).then(() => 'read', () => 'refused')"
        assert page.evaluate(read, f"{ide.url}/generate") == "refused"
        frame = next(each for each in page.frames if each != page.main_frame)
        assert "Background job" not in frame.content()
        with page.expect_navigation(url=f"{ide.url}/generate/job") as answer:
            page.evaluate("document.forms[0].submit()")
        assert answer.value.status == 403
    assert read_tree(ide.root) == before


def test_every_page_passes_axe_fits_a_phone_and_loads_nothing_else(
    page: Page, ide: IdeCommand
) -> None:
    (ide.root / "Web/Job").mkdir(parents=True, exist_ok=True)
    (ide.root / "Web/Job/Other.py").write_text("mine = 1\n")
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    plans = [
        "/generate/job?name=Checked&columns=band:references",
        "/generate/job?name=Other",
        "/generate/job?name=class&columns=x",
        "/generate/destroy-job",
        "/schema/column",
        "/schema/column?table=bands&name=founded&type=date&default=today",
    ]
    _check(page, ide, [*plans, *(each.address for each in PAGES[1:])])
    page.goto(ide.url + plans[0])
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Done")
    done = page.url.removeprefix(ide.url)
    _check(page, ide, [done, "/changes", "/schema", "/jobs", "/jobs/run?app=Web&job=Checked"])
    assert said == []
    page.goto(ide.url + done)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undone")
    _check(page, ide, [done, "/nothing"])
    assert all(url.startswith((ide.url, "data:")) for url in asked)


def _check(page: Page, ide: IdeCommand, addresses: list[str]) -> None:
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(ide.url + address)
        load_axe(page)
        assert violations(page, f"{{exclude: {MORE_LINES}}}") == [], address
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
