// Saving a file, which needs the key and so cannot be a plain link.

import { element, say } from "./dom.js";

/** Let the browser save the original of `{document_id, filename}`; `status` tells what went wrong. */
export const save = (client, { document_id: id, filename }, status) =>
  saveAs(() => client.content(id), filename, status);

/** Let the browser save what `load()` brings under a name. */
export async function saveAs(load, filename, status) {
  try {
    const url = URL.createObjectURL(await load());
    element("a", { href: url, download: filename }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (problem) {
    say(status, problem.message);
  }
}
