// Sign in, sign out, and the components of the page put together.

import { byId, say } from "./dom.js";
import { Client, signInState, withKey, withSession } from "./client.js";
import { Conversation } from "./conversation.js";
import { Documents } from "./documents.js";
import { History } from "./history.js";
import { Quarantine } from "./quarantine.js";
import { Reviews } from "./reviews.js";
import { Sessions } from "./sessions.js";
import { keepLink, openLink } from "./source_link.js";
import { Source } from "./source_panel.js";
import { Trends } from "./trends.js";
import { Uploads } from "./uploads.js";

const KEY = "footnote-key"; // sessionStorage: this tab alone, gone when it closes

const REFUSALS = {
  refused: "The sign-in service did not let you in.",
  expired: "The sign-in took too long, or began in another window. Try again.",
  unknown: "Nobody has registered you here. Ask your administrator.",
  suspended: "Your access is suspended. Ask your administrator.",
  unavailable: "The sign-in service is not available. Try again later.",
};

let components = [];
let endSession = null; // of this browser; none where somebody came with a key
let showLink = () => {}; // opens the place that a link names, once somebody is signed in

function showView(name) {
  byId("workspace").dataset.view = name;
  for (const view of ["ask", "documents"]) {
    byId(`view-${view}`).setAttribute("aria-pressed", String(view === name));
  }
}

function signOut(problem = null) {
  for (const component of components.splice(0)) component.stop();
  showLink = () => {};
  sessionStorage.removeItem(KEY);
  byId("workspace").hidden = true;
  byId("sign-in").hidden = false;
  byId("key").value = "";
  say(byId("sign-in-error"), problem?.message ?? "");
  byId("key").focus();
}

/** End the session, so that the browser's cookie opens nothing any more, then show the form. */
async function leave() {
  try {
    await endSession?.();
  } catch (problem) {
    if (![401, 404].includes(problem.status)) return say(byId("sign-out-problem"), problem.message);
  }
  return sessionEnded();
}

function sessionEnded() {
  endSession = null;
  signOut();
}

/** Show the workspace. `session` is that of this browser, if somebody signed in. */
function open(client, session) {
  say(byId("who"), client.name);
  say(byId("sign-out-problem"), "");
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
  if (session) rest.push(new Sessions(client, session.session_id, sessionEnded));
  components = [source, documents, quarantine, uploads, conversation, ...rest];
  showLink = () => openLink(client, source);
  showLink();
}

async function signIn(credentials, session = null) {
  const client = new Client(credentials, (problem) => components.length && signOut(problem));
  await client.signIn();
  open(client, session);
  return client;
}

async function signInWithKey(key) {
  await signIn(withKey(key));
  sessionStorage.setItem(KEY, key);
}

/** Show the way to sign in where there is one, and return the session of this browser. */
async function offerSignIn() {
  const { isOffered, session } = await signInState();
  byId("sign-in-elsewhere").hidden = !isOffered;
  return session;
}

/** Go on with the session of this browser, or show the form, with what became of a sign-in. */
async function resume() {
  const address = new URL(location.href);
  const refusal = REFUSALS[address.searchParams.get("sign-in")] ?? "";
  if (refusal) history.replaceState(null, "", address.pathname);
  const session = await offerSignIn();
  if (session === null) return signOut(refusal ? { message: refusal } : null);
  const client = await signIn(withSession(session), session);
  endSession = () => client.endSession(session.session_id);
  return client;
}

byId("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  say(byId("sign-in-error"), "");
  try {
    await signInWithKey(byId("key").value.trim());
  } catch (problem) {
    say(byId("sign-in-error"), problem.message);
    byId("key").select();
  }
});
byId("sign-out").addEventListener("click", leave);
for (const view of ["ask", "documents"]) {
  byId(`view-${view}`).addEventListener("click", () => showView(view));
}

keepLink();
addEventListener("hashchange", () => {
  keepLink();
  showLink();
});

const storedKey = sessionStorage.getItem(KEY);
if (storedKey) {
  offerSignIn();
  signInWithKey(storedKey).catch((problem) => {
    signOut(problem);
    if (problem.status !== 401) byId("key").value = storedKey; // the service was away, the key is good
  });
} else resume().catch(signOut);
