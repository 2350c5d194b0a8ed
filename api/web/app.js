// Sign in, sign out, and the components of the page put together.

import { byId, say } from "./dom.js";
import { Client } from "./client.js";
import { Conversation } from "./conversation.js";
import { Documents } from "./documents.js";
import { History } from "./history.js";
import { Quarantine } from "./quarantine.js";
import { Reviews } from "./reviews.js";
import { Source } from "./source_panel.js";
import { Trends } from "./trends.js";
import { Uploads } from "./uploads.js";

const KEY = "footnote-key"; // sessionStorage: this tab alone, gone when it closes

let components = [];

function showView(name) {
  byId("workspace").dataset.view = name;
  for (const view of ["ask", "documents"]) {
    byId(`view-${view}`).setAttribute("aria-pressed", String(view === name));
  }
}

function signOut(problem = null) {
  for (const component of components.splice(0)) component.stop();
  sessionStorage.removeItem(KEY);
  byId("workspace").hidden = true;
  byId("sign-in").hidden = false;
  byId("key").value = "";
  say(byId("sign-in-error"), problem?.message ?? "");
  byId("key").focus();
}

function open(client) {
  byId("sign-in").hidden = true;
  byId("workspace").hidden = false;
  showView("ask");
  const source = new Source(client);
  const show = (citation, opener) => source.open(citation, opener);
  const uploads = new Uploads(client, () => documents.refresh());
  const quarantine = new Quarantine(client, () => documents.refresh());
  const documents = new Documents(
    client, show, uploads, (views) => quarantine.noticed(views), () => quarantine.isForCurator);
  const conversation = new Conversation(client, show);
  const history = new History(client, conversation);
  const rest = [history, new Trends(client), new Reviews(client)];
  components = [source, documents, quarantine, uploads, conversation, ...rest];
}

async function signIn(key) {
  const client = new Client(key, (problem) => components.length && signOut(problem));
  await client.signIn();
  sessionStorage.setItem(KEY, key);
  open(client);
}

byId("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  say(byId("sign-in-error"), "");
  try {
    await signIn(byId("key").value.trim());
  } catch (problem) {
    say(byId("sign-in-error"), problem.message);
    byId("key").select();
  }
});
byId("sign-out").addEventListener("click", () => signOut());
for (const view of ["ask", "documents"]) {
  byId(`view-${view}`).addEventListener("click", () => showView(view));
}

const storedKey = sessionStorage.getItem(KEY);
if (storedKey) {
  signIn(storedKey).catch((problem) => {
    signOut(problem);
    if (problem.status !== 401) byId("key").value = storedKey; // the service was away, the key is good
  });
} else signOut();
