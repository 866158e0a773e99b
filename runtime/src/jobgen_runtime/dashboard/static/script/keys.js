// The keyboard: nothing that it does changes a job.
const KEYS = [
  ["/", "Search", () => document.querySelector("input[type='search']")?.focus()],
  ["j", "Next row", () => moveRow(1)],
  ["k", "Previous row", () => moveRow(-1)],
  ["Enter", "Open the job of the row"],
  ["x", "Choose the row", () => currentRow()?.querySelector(".choose input")?.click()],
  ["r", "Go to Retry", goToRetry],
  ["?", "This list", () => document.getElementById("display").showPopover()],
];

function hasKeys() {
  return remembered("keys") !== "off";
}

function currentRow() {
  return document.activeElement.closest("tbody tr");
}

function moveRow(step) {
  const rows = [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector("a"));
  const at = rows.indexOf(currentRow());
  const row = at < 0 ? rows.at(step > 0 ? 0 : -1) : rows[at + step];
  row?.querySelector("a").focus();
}

// Enter then retries one job, or asks whether to retry many, as on any button.
function goToRetry() {
  const button = "form[action*='/RetryJob'] button";
  (currentRow() ?? document).querySelector(button)?.focus();
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input:not([type='checkbox']), select, textarea");
  const isCommand = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (isTyping || isCommand || !hasKeys() || document.querySelector(":popover-open")) return;
  const run = KEYS.find(([key]) => key === event.key)?.[2];
  if (!run) return;
  event.preventDefault();
  run();
});

function startKeys(box, list) {
  box.checked = hasKeys();
  box.addEventListener("change", () => remember("keys", box.checked ? "on" : "off"));
  for (const [key, label] of KEYS) {
    const [term, meaning, name] = ["dt", "dd", "kbd"].map((each) => document.createElement(each));
    [name.textContent, meaning.textContent] = [key, label];
    term.append(name);
    list.append(term, meaning);
  }
}

startKeys(document.getElementById("keys"), document.getElementById("key-list"));
