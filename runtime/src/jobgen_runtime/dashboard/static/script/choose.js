// The jobs that are chosen in a list: all on the page with one box, a range with Shift.
let lastBox = null;

function jobBoxes() {
  return [...document.querySelectorAll('.choose input[type="checkbox"]')];
}

function showChosen() {
  const all = document.getElementById("all-here");
  if (!all) return;
  const boxes = jobBoxes();
  const count = boxes.filter((box) => box.checked).length;
  all.checked = count > 0 && count === boxes.length;
  all.indeterminate = count > 0 && count < boxes.length;
  document.getElementById("chosen").textContent = count ? `${count} chosen` : "";
}

function chooseRange(box) {
  const boxes = jobBoxes();
  const ends = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
  if (ends[0] < 0) return;
  for (const each of boxes.slice(ends[0], ends[1] + 1)) each.checked = box.checked;
}

enhancements.push((root) => {
  const all = root.querySelector("#all-here");
  if (all) all.parentElement.hidden = false;
});

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.id === "all-here") for (const box of jobBoxes()) box.checked = target.checked;
  else if (target.matches('.choose input[type="checkbox"]')) {
    if (shiftKey && lastBox) chooseRange(target);
    lastBox = target;
  } else return;
  showChosen();
});
addEventListener("pageshow", showChosen); // Going back restores the boxes.
