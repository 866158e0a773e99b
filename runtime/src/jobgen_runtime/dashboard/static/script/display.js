// What the viewer chooses about the looks of pages: the theme, which a cookie keeps for the server,
// and how times are written, which only this script needs.
function startTheme(select) {
  const { form } = select;
  select.addEventListener("change", () => {
    document.documentElement.dataset.theme = select.value;
    const body = new URLSearchParams(new FormData(form));
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
  form.querySelector("button").hidden = true;
}

function startTimes(select) {
  const { dataset } = document.documentElement;
  select.addEventListener("change", () => {
    dataset.times = select.value;
    remember("times", select.value);
    showTimes(document);
  });
  select.value = dataset.times = remembered("times") ?? "relative";
}

startTheme(document.getElementById("theme"));
startTimes(document.getElementById("times"));
document.getElementById("by-script").hidden = false;
