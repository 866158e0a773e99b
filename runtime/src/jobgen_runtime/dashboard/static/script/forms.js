// Forms: rows to choose from are found while one types, and moments are in the visitor's time zone.
enhancements.push((root) => {
  for (const select of root.querySelectorAll("select[data-find]")) findWhileTyping(select);
  for (const input of root.querySelectorAll("input[data-utc]")) useLocalTime(input);
});

function findWhileTyping(select) {
  const input = document.getElementById(`${select.id}-find`);
  const note = document.getElementById(`${select.id}-found`);
  let timer, asked;

  async function find() {
    const text = (asked = input.value.trim());
    const answer = await fetch(`${select.dataset.find}&q=${encodeURIComponent(text)}`);
    if (!answer.ok || text !== asked) return;
    const found = await answer.json();
    const [empty] = select.options;
    const chosen = select.selectedOptions[0];
    const others = found.options.filter(([value]) => value !== chosen.value);
    const kept = chosen === empty ? [empty] : [empty, chosen];
    select.replaceChildren(...kept, ...others.map(([value, label]) => new Option(label, value)));
    chosen.selected = true;
    note.textContent = found.note;
  }

  input.parentElement.querySelector("button").hidden = true;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 200);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    select.focus();
  });
}

function useLocalTime(input) {
  const given = input.value;
  if (given) {
    const moment = new Date(`${given}Z`);
    const local = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString();
    input.value = local.slice(0, given.includes(".") ? 23 : 19);
  }
  const shown = input.value;
  const hint = document.getElementById(input.getAttribute("aria-describedby").split(" ")[0]);
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  hint.textContent = hint.textContent.replace("in UTC", `in your time zone, ${timeZone}`);
  input.form.addEventListener("formdata", ({ formData }) => {
    if (!formData.get(input.name)) return;
    const utc = input.value === shown ? given : new Date(input.value).toISOString();
    formData.set(input.name, utc.replace(".000Z", "Z"));
  });
}
