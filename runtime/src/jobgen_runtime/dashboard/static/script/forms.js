// Forms: rows to choose from are found while one types, and moments are in the visitor's time zone.
enhancements.push((root) => {
  for (const select of root.querySelectorAll("select[data-find]")) findWhileTyping(select);
  for (const input of root.querySelectorAll("input[data-utc]")) useLocalTime(input);
});

function findWhileTyping(select) {
  const input = select.getRootNode().getElementById(`${select.id}-find`);
  const note = select.getRootNode().getElementById(`${select.id}-found`);
  let timer, asked;

  async function find() {
    const text = (asked = input.value.trim());
    const address = `${select.dataset.find}&q=${encodeURIComponent(text)}`;
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || text !== asked) return;
    const found = await answer.json();
    const chosen = select.selectedOptions[0];
    const kept = [...select.options].filter((option) => isFixed(option) || option === chosen);
    const others = found.options.filter(([value]) => value !== chosen.value);
    select.replaceChildren(...kept, ...others.map(([value, label]) => new Option(label, value)));
    chosen.selected = true;
    note.textContent = found.note;
  }

  const button = input.parentElement.querySelector("button");
  if (button.hidden) return;
  button.hidden = true;
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

// "Choose…", "Any" and "No value" do not stand for rows.
const isFixed = ({ value }) => value === "" || value === "null";

function useLocalTime(input) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (input.dataset.utc || document.documentElement.dataset.times === "utc") return;
  input.dataset.utc = timeZone;
  const given = input.value;
  if (given) {
    const moment = new Date(`${given}Z`);
    const local = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString();
    input.defaultValue = local.slice(0, given.includes(".") ? 23 : 19);
    input.defaultValue = input.value; // As the browser writes it, so that it is not taken for changed.
  }
  const shown = input.value;
  const texts = [
    input.getRootNode().getElementById(input.getAttribute("aria-describedby")?.split(" ")[0]),
    input.labels[0],
    input.closest("fieldset")?.querySelector("legend"),
  ];
  for (const text of texts.filter(Boolean)) {
    for (const node of text.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) node.data = node.data.replace(/\bUTC\b/, timeZone);
    }
  }
  input.form.addEventListener("formdata", ({ formData }) => {
    if (!formData.get(input.name)) return;
    const utc = input.value === shown ? given : new Date(input.value).toISOString();
    formData.set(input.name, utc.replace(".000Z", "Z"));
  });
}
