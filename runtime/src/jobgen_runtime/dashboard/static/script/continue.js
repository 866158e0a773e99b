// A change of many jobs goes on by itself, one request after another, until Stop is pressed.
const stoppedKey = "jobs.stopped";

enhancements.push((root) => {
  const form = root.querySelector("form[data-continue]");
  if (!form) return;
  const wasStopped = sessionStorage.getItem(stoppedKey);
  sessionStorage.removeItem(stoppedKey);
  if (wasStopped) return;
  const shown = [form.querySelector("[data-stop]"), root.querySelector("p[data-continue]")];
  for (const each of shown) each.hidden = false;
  let isSent = false;
  const timer = setTimeout(() => {
    isSent = true;
    form.requestSubmit();
  }, 300);
  shown[0].addEventListener("click", () => {
    clearTimeout(timer);
    // The request that is under way cannot be taken back: its page stops instead.
    if (isSent) sessionStorage.setItem(stoppedKey, "1");
    for (const each of shown) each.hidden = true;
  });
});
