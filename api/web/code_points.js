// The service counts in Unicode code points; JavaScript strings count in UTF-16 units.

import { isolated, locale, plural, t } from "./language.js";

/** The UTF-16 offset of a code point offset. Past the end means the end. */
export function unitOffset(text, codePoints) {
  let units = 0;
  let left = codePoints;
  while (left > 0 && units < text.length) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
    left -= 1;
  }
  return units;
}

/** Cut `text` around the code points `start` to `end`: `[before, inside, after]`. */
export function cut(text, start, end) {
  const from = unitOffset(text, start);
  const to = from + unitOffset(text.slice(from), end - start);
  return [text.slice(0, from), text.slice(from, to), text.slice(to)];
}

/**
 * Split a sentence at its own citation markers.
 * Returns pieces in order, `{text}` or `{marker}`; markers that the sentence carries but
 * does not write come last. Other numbers in brackets stay text.
 */
export function splitMarkers(text, markers) {
  const pieces = [];
  const missing = new Set(markers);
  let from = 0;
  for (const match of text.matchAll(/\s*\[(\d{1,4})\]/g)) {
    const marker = Number(match[1]);
    if (!markers.includes(marker)) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ marker });
    missing.delete(marker);
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  for (const marker of missing) pieces.push({ marker });
  return pieces;
}

/** Keep the first and last words of a long quote. */
export function shorten(text, limit = 180) {
  const flat = text.replace(/\s+/g, " ").trim();
  const points = Array.from(flat);
  if (points.length <= limit) return flat;
  return `${points.slice(0, limit).join("").replace(/\s+\S*$/, "")} …`;
}

/** 12345 -> "12 kB". */
export function size(bytes) {
  if (bytes < 1000) return plural(bytes, "byte");
  if (bytes < 1_000_000) return t`${Math.round(bytes / 1000)} kB`;
  return t`${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** An ISO time in the reader's own words, or nothing where there is none. */
export function when(time) {
  const date = new Date(time ?? "");
  if (Number.isNaN(date.getTime())) return "";
  return isolated(new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(date));
}

/** The same with the hour and the minute. */
export function whenExactly(time) {
  const date = new Date(time ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const style = { dateStyle: "medium", timeStyle: "short" };
  return isolated(new Intl.DateTimeFormat(locale, style).format(date));
}
