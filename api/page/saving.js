// Saving a document's original file, which needs the key and so cannot be a plain link.

import { element, say } from "./dom.js";

/** Let the browser save the original of `{document_id, filename}`; `said` tells what went wrong. */
export async function save(client, { document_id: id, filename }, said) {
  try {
    const url = URL.createObjectURL(await client.content(id));
    element("a", { href: url, download: filename }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (problem) {
    say(said, problem.message);
  }
}
