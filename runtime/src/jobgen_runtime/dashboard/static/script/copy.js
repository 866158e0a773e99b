// Buttons that copy the text of another element. Browsers allow that on https and localhost alone,
// so the buttons are hidden until here.
enhancements.push((root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copies]")) button.hidden = false;
});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const copied = document.getElementById(button.dataset.copies).cloneNode(true);
  for (const summary of copied.querySelectorAll("summary")) summary.remove();
  await navigator.clipboard.writeText(copied.textContent);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = label), 1500);
});
