// The page in its reader's language. The code writes English; every other language has a file of
// what each text is in it, with the same numbered places: languages/de.json, languages/ar.json.

/** The languages that there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" };

const FROM_THE_RIGHT = ["ar"];
const CHOICE = "footnote-language";

/** The choice of this browser. One that keeps nothing for its pages has none. */
function kept() {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null;
  }
}

const known = (tag) => LANGUAGES[tag.split("-")[0].toLowerCase()] !== undefined;
const first = [kept(), ...navigator.languages].filter(Boolean).find(known) ?? "en";

/** The language of this page, such as "de". */
export const language = first.split("-")[0].toLowerCase();

/** How dates and numbers are written: as the browser's region does, with the digits of the texts. */
export const locale = `${first}${language === "ar" ? "-u-nu-latn" : ""}`;

/** Load the texts of a language. Where they do not come, the page speaks English. */
async function load() {
  if (language === "en") return {};
  const response = await fetch(`/static/languages/${language}.json`).catch(() => null);
  return response?.ok ? response.json() : {};
}

const texts = await load();
const plurals = new Intl.PluralRules(language);
const runsFromTheRight = FROM_THE_RIGHT.includes(language);

/** A value between marks that keep its letters' direction to itself, where a line runs from the right. */
export const isolated = (value) => (runsFromTheRight ? `\u2068${value}\u2069` : `${value}`);

const filled = (text, values) => text.replace(/\{(\d)\}/g, (_, index) => isolated(values[index]));

/** A text in the page's language: t`Delete “${title}”?` is looked up as "Delete “{0}”?". */
export function t(pieces, ...values) {
  const english = pieces.reduce((text, piece, index) => `${text}{${index - 1}}${piece}`);
  return filled(texts[english] ?? english, values);
}

/** "1 page", "3 pages"; other languages have a text for each of their forms. */
export function plural(count, word) {
  const number = new Intl.NumberFormat(locale).format(count);
  const forms = texts[`{0} ${word}`];
  if (forms === undefined) return `${number} ${word}${count === 1 ? "" : "s"}`;
  return filled(forms[plurals.select(count)] ?? forms.other, [number]);
}

/** Speak another language from now on: the page begins anew, since every text of it changes. */
export function choose(other) {
  localStorage.setItem(CHOICE, other);
  location.reload();
}

const SPOKEN = ["aria-label", "placeholder", "title", "content"];

/** A text of the page's own file; lines and spaces around it stay as they are. */
function translated(text) {
  const english = text.trim().replace(/\s+/g, " ");
  return texts[english] === undefined ? text : text.replace(text.trim(), () => texts[english]);
}

/** Put what stands in the page's own file into the page's language, once. */
export function translatePage() {
  document.documentElement.lang = language;
  document.documentElement.dir = runsFromTheRight ? "rtl" : "ltr";
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = translated(walker.currentNode.data);
  for (const name of SPOKEN) {
    for (const node of document.querySelectorAll(`[${name}]`)) {
      node.setAttribute(name, translated(node.getAttribute(name)));
    }
  }
}
