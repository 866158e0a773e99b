// Changes an element into another one, and keeps the nodes that are in both: the focus, the place in
// a scrolled table, and an open <details> stay as they are. Rows are told apart by their ids.
function morph(old, wanted) {
  if (old.isEqualNode(wanted)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (name !== "open" && !wanted.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphChildren(old, wanted);
}

function morphChildren(old, wanted) {
  let here = old.firstChild;
  for (const child of [...wanted.childNodes]) {
    const kept = matching(here, child);
    if (kept === null) old.insertBefore(child, here);
    else {
      if (kept !== here) old.insertBefore(kept, here);
      else here = here.nextSibling;
      morph(kept, child);
    }
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

// Returns the old node that becomes `child`: the next one, or a later one with the same id.
function matching(here, child) {
  if (here && isSame(here, child)) return here;
  if (!child.id) return null;
  for (let each = here; each; each = each.nextSibling) if (isSame(each, child)) return each;
  return null;
}

function isSame(one, other) {
  return one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");
}
