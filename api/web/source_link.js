// Addresses of words in a document, as other programs show them:
// #source=DOCUMENT&version=2&start=10&end=60, with offsets in code points.

import { t } from "./language.js";

const KEY = "footnote-source"; // sessionStorage: it outlasts a sign-in, in this tab

/** Take the link out of the page's address, and keep it until somebody has signed in. */
export function keepLink() {
  const fields = new URLSearchParams(location.hash.slice(1));
  if (!fields.get("source")) return;
  sessionStorage.setItem(KEY, fields.toString());
  history.replaceState(null, "", location.pathname + location.search);
}

/** Show the place that the kept link names in the source panel, once. */
export async function openLink(client, source) {
  const fields = new URLSearchParams(sessionStorage.getItem(KEY) ?? "");
  sessionStorage.removeItem(KEY);
  const id = fields.get("source");
  if (!id) return;
  const at = (name) => Number.parseInt(fields.get(name), 10) || 0; // programs append "#:~:text="
  try {
    const view = await client.document(id);
    const isOutdated = view.version !== at("version");
    const place = isOutdated ? { isOutdated } : { start: at("start"), end: at("end") };
    await source.open({ ...view, ...place });
  } catch {
    await source.open({ document_id: id, title: t`Source`, filename: "" }); // it says why
  }
}
