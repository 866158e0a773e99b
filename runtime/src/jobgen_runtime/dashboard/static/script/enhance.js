"use strict";
// Pages work without this script: it adds what only a browser can do. The parts are served as one
// file, in the order that web/assets.py lists.

// Functions that adapt new content: the whole page once, and then what a refresh brings.
const enhancements = [];

function enhance(root) {
  for (const each of enhancements) each(root);
}

// A browser may refuse to store anything: then a choice lasts as long as the page.
function remember(name, value) {
  try {
    localStorage.setItem(`jobgen.${name}`, value);
  } catch {}
}

function remembered(name) {
  try {
    return localStorage.getItem(`jobgen.${name}`);
  } catch {
    return null;
  }
}
