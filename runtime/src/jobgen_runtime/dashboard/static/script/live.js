// Shows the newest content of a page in place, with one request every few seconds: not while the
// viewer types, chooses, reads a question or points at what could move away, nor in a hidden tab.
const LIVE_MS = 5000;
const MOST_MS = 60000;
const live = { failures: 0, isOver: false, timer: 0, seen: Date.now() };

function isLive() {
  return remembered("live") !== "off";
}

function isHeld(content) {
  return (
    document.hidden ||
    !getSelection().isCollapsed ||
    document.querySelector(":popover-open, dialog[open]") !== null ||
    content.querySelector("a:hover, button:hover, input:hover, label:hover") !== null ||
    content.querySelector(":is(input:not([type='checkbox']), select, textarea):focus") !== null ||
    [...content.querySelectorAll("input, select, textarea")].some(isChanged)
  );
}

function isChanged(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const chosen = [...field.options].findLastIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(chosen, 0);
}

async function refresh() {
  clearTimeout(live.timer);
  const content = document.querySelector("#content[data-live]");
  if (!content || !isLive() || live.isOver) return;
  const start = performance.now();
  if (!isHeld(content)) {
    try {
      await load(content);
      live.failures = 0;
      live.seen = Date.now();
    } catch {
      live.failures += 1;
    }
    showStale();
  }
  // A page that takes long is asked for less often, and so is a server that does not answer.
  const pause = live.failures
    ? Math.min(LIVE_MS * 2 ** live.failures, MOST_MS)
    : Math.max(LIVE_MS, 10 * (performance.now() - start));
  live.timer = setTimeout(refresh, pause);
}

async function load(content) {
  const answer = await fetch(location.pathname + location.search, {
    headers: { "If-None-Match": content.dataset.tag },
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(MOST_MS / 2),
  });
  if (answer.status === 304) return;
  // Many applications lead whoever is logged out to the login.
  live.isOver = answer.type === "opaqueredirect" || [401, 403].includes(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const wanted = page.querySelector("#content[data-live]");
  if (!answer.ok || !wanted) throw new Error(answer.status);
  if (isHeld(content)) return;
  enhance(page);
  swap(content, wanted);
  document.title = page.title;
}

// Where the row with the focus is gone, the one that takes its place gets it.
function swap(content, wanted) {
  const focused = content.contains(document.activeElement) ? document.activeElement : null;
  const row = focused?.closest("tbody tr");
  const [rows, index] = [row?.closest("table").rows, row?.rowIndex];
  morph(content, wanted);
  if (!focused || document.activeElement === focused) return;
  const next = rows?.[Math.min(index, rows.length - 1)]?.querySelector("a");
  const target = focused.isConnected ? focused : (next ?? document.querySelector("main"));
  target.focus({ preventScroll: true });
}

function showStale() {
  const text = document.getElementById("stale");
  // One failure alone says nothing: the browser fails a request when it leaves the page, too.
  const isStale = (live.failures > 1 || live.isOver) && isLive();
  if (isStale) {
    const rest = live.isOver ? "Load it again to log in." : "It is tried again.";
    text.textContent = `This page was not updated since ${inZone(new Date(live.seen))}. ${rest}`;
  }
  text.hidden = !isStale;
}

function showLive() {
  const button = document.getElementById("live");
  button.setAttribute("aria-pressed", isLive());
  button.hidden = !document.querySelector("#content[data-live]");
}

document.getElementById("live").addEventListener("click", () => {
  remember("live", isLive() ? "off" : "on");
  showLive();
  showStale();
  refresh();
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("pageshow", ({ persisted }) => persisted && refresh());
showLive();
live.timer = setTimeout(refresh, LIVE_MS);

// The message of what was done does not come back when the page is loaded again.
function forgetNotice() {
  const address = new URL(location);
  if (!address.searchParams.has("notice")) return;
  address.searchParams.delete("notice");
  history.replaceState(history.state, "", address);
}
forgetNotice();
