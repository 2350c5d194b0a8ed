// What a selection and the copy buttons put on the clipboard.

import { t } from "./language.js";

const BESIDE = ".marker, .badge, .visually-hidden, .note-number"; // beside the words, not of them

/** Copy a text; without https, where browsers have no clipboard of their own, by a selection. */
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error(t`The browser does not let the page copy. Select the words instead.`);
  return undefined;
}

/** Words of a part of an answer, a line for each block. */
function wordsOf(fragment) {
  for (const node of fragment.querySelectorAll(BESIDE)) node.remove();
  const blocks = fragment.querySelectorAll("p, li, tr, pre, q");
  for (const block of blocks) block.append("\n");
  for (const cell of fragment.querySelectorAll("td:not(:last-child), th:not(:last-child)")) cell.append("\t");
  return fragment.textContent.replace(/[^\S\t\n]+/g, " ").replace(/ *\n\s*/g, "\n").trim();
}

/** Have whoever selects words of `node` and copies them get the words alone. */
export function copyWordsOf(node) {
  node.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    event.clipboardData.setData("text/plain", wordsOf(selection.getRangeAt(0).cloneContents()));
    event.preventDefault();
  });
}
