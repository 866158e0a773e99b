// Times go on between two refreshes, by the clock of the server, and are shown in the viewer's zone.
const UNITS = [
  [31557600, "year", "years"],
  [2630016, "month", "months"],
  [86400, "day", "days"],
  [3600, "h", "h"],
  [60, "min", "min"],
  [1, "s", "s"],
];
let clockAhead = 0; // Seconds that this machine's clock is ahead of the server's.

// As components/times.py does.
function duration(seconds) {
  for (const [size, one, more] of UNITS) {
    const count = Math.floor(Math.abs(seconds) / size);
    if (count >= 1) return `${count.toLocaleString("en-US")} ${count === 1 ? one : more}`;
  }
  return "0 s";
}

function relative(seconds) {
  if (seconds > -1 && seconds < 1) return "just now";
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(seconds)}`;
}

function inZone(moment) {
  const text = moment.toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "medium" });
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(moment);
  return `${text} ${parts.find(({ type }) => type === "timeZoneName").value}`;
}

function inUtc(moment) {
  return `${moment.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function inBoth(moment) {
  return inZone(moment) === inUtc(moment) ? inUtc(moment) : `${inZone(moment)} · ${inUtc(moment)}`;
}

// A time's data-form says what it is: "for" a duration until now, "whole" the moment itself.
function timeText(moment, form) {
  const seconds = Date.now() / 1000 - clockAhead - moment / 1000;
  const shown = document.documentElement.dataset.times;
  if (form === "whole") return inBoth(moment);
  if (form === "for") return duration(seconds);
  if (shown === "local") return inZone(moment);
  return shown === "utc" ? inUtc(moment) : relative(seconds);
}

function showTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (isNaN(moment)) continue;
    const text = timeText(moment, element.dataset.form);
    if (element.textContent !== text) element.textContent = text;
    if (element.title) element.title = inBoth(moment);
  }
}

enhancements.push((root) => {
  const content = root.querySelector("#content");
  if (content) clockAhead = Date.now() / 1000 - content.dataset.now;
  showTimes(root);
});
setInterval(() => document.hidden || showTimes(document), 1000);
