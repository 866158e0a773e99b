// Shows the plan while a form is filled in, and keeps it current. The pages work without this:
// then a button sends the form, and the answer is the same page.

const LOOK_MS = 2000;
const RETRY_MS = 1000;
const CHANGED = "The project has changed: this is the plan now.";
const UNREACHABLE = "jobgen does not answer. This page goes on when it runs again.";

document.documentElement.classList.add("scripted");
document.addEventListener("click", copy);
const form = document.querySelector("form#arguments");
if (form) keepCurrent(form);
if (document.querySelector("[data-live]")) setTimeout(renew, LOOK_MS);

async function copy({ target }) {
  if (!target.dataset?.copies) return;
  await navigator.clipboard.writeText(document.getElementById(target.dataset.copies).textContent);
  target.textContent = "Copied";
}

// Shows the newest state of a page that says it is live, unless its part has the focus. A page that
// takes long is asked for less often.
async function renew() {
  const start = performance.now();
  const part = document.querySelector("[data-live]");
  if (!document.hidden && !part.contains(document.activeElement)) {
    const answer = await fetch(location.pathname).catch(() => null);
    const text = answer?.ok ? await answer.text() : "";
    const next = new DOMParser().parseFromString(text, "text/html").querySelector("[data-live]");
    const isFree = !part.contains(document.activeElement);
    if (next && isFree && !part.isEqualNode(next)) part.replaceWith(next);
  }
  setTimeout(renew, Math.max(LOOK_MS, 5 * (performance.now() - start)));
}

function keepCurrent(form) {
  let isWanted = false;
  let running = null;
  let asks = 0;

  // One request at a time: what is typed meanwhile is asked for next.
  function refresh() {
    isWanted = true;
    asks += 1;
    for (const button of document.querySelectorAll("#preview .apply")) button.disabled = true;
    running ??= run().finally(() => (running = null));
    return running;
  }

  async function run() {
    while (isWanted) {
      isWanted = false;
      const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
      try {
        const answer = await fetch(address);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (isWanted) continue;
        show(page);
        history.replaceState(null, "", address);
        if (tells(UNREACHABLE)) tell("");
      } catch {
        tell(UNREACHABLE);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        isWanted = true;
      }
    }
  }

  // A plan is current while the files that it changes are. What blocks a plan may be solved in any
  // file, so then the page is asked for again.
  async function look() {
    const preview = document.getElementById("preview");
    const { current, digest, blocked } = preview.dataset;
    if (running || document.hidden) return;
    if (blocked === undefined) {
      if (!current) return;
      const answer = await fetch(current).catch(() => null);
      if (running || document.getElementById("preview") !== preview) return;
      if (answer === null) {
        tell(UNREACHABLE);
        return;
      }
      if (tells(UNREACHABLE)) tell("");
      if (answer.status === 204) return;
    }
    const asked = asks + 1;
    await refresh();
    const isOther = document.getElementById("preview").dataset.digest !== digest;
    if (isOther && asks === asked) tell(CHANGED);
  }

  form.addEventListener("input", () => {
    tell("");
    refresh();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await refresh();
    document.getElementById("apply")?.focus();
  });
  document.addEventListener("change", ({ target }) => {
    if (target.form === form && !form.contains(target)) refresh();
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
  form.querySelector("input, textarea, select")?.focus();
}

// Replaces the plan if it is another, and keeps the focus and which files are closed.
function show(page) {
  const old = document.getElementById("preview");
  const next = page.getElementById("preview") ?? problem(page);
  const closed = [...old.querySelectorAll("details:not([open])")].map((each) => each.dataset.path);
  for (const each of next.querySelectorAll("details")) {
    if (closed.includes(each.dataset.path)) each.open = false;
  }
  if (old.isEqualNode(next)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(next);
  if (focused) document.getElementById(focused)?.focus();
}

function problem(page) {
  const section = document.createElement("section");
  section.id = "preview";
  section.dataset.blocked = "";
  section.append(...page.querySelectorAll("main > *"));
  return section;
}

function tell(text) {
  const news = document.getElementById("news");
  news.hidden = text === "";
  if (news.textContent !== text) news.textContent = text;
}

function tells(text) {
  return document.getElementById("news").textContent === text;
}
