// Sign in, sign out, and the components of the page put together.

import { byId, say } from "./dom.js";
import { Account } from "./account.js";
import { Administration } from "./administration.js";
import { Address, keepAddress, takeFromAddress } from "./address.js";
import { Client, signInState, withKey, withSession } from "./client.js";
import { Collections } from "./collections.js";
import { Conversation } from "./conversation.js";
import { Documents } from "./documents.js";
import { offerLanguages } from "./language_choice.js";
import { History } from "./history.js";
import { SharedKey } from "./key_sharing.js";
import { QuestionScope } from "./question_scope.js";
import { Quarantine } from "./quarantine.js";
import { Reviews } from "./reviews.js";
import { SearchView } from "./search_view.js";
import { Sessions } from "./sessions.js";
import { offerQuestions } from "./start_questions.js";
import { keepLink, openLink } from "./source_link.js";
import { Source } from "./source_panel.js";
import { Trends } from "./trends.js";
import { Uploads } from "./uploads.js";
import { t, translatePage } from "./language.js";

const VIEWS = ["ask", "search", "documents", "administration"];

const REFUSALS = {
  refused: t`The sign-in service did not let you in.`,
  expired: t`The sign-in took too long, or began in another window. Try again.`,
  unknown: t`Nobody has registered you here. Ask your administrator.`,
  suspended: t`Your access is suspended. Ask your administrator.`,
  unavailable: t`The sign-in service is not available. Try again later.`,
};

translatePage();
offerLanguages();

let components = [];
let address = null;
let endSession = null; // of this browser; none where somebody came with a key
let administration = null;
let showLink = () => {}; // opens the place that a link names, once somebody is signed in

function showView(name) {
  byId("workspace").dataset.view = name;
  for (const view of VIEWS) {
    byId(`view-${view}`).setAttribute("aria-pressed", String(view === name));
  }
  if (name === "administration") administration.enter();
}

/** Show the form. Who `leaves` on purpose takes their place in the page along. */
function signOut(problem = null, { leaves = false } = {}) {
  address?.stop({ forgets: leaves });
  address = null;
  for (const component of components.splice(0)) component.stop();
  showLink = () => {};
  key.forget({ everywhere: leaves });
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
  signOut(null, { leaves: true });
}

/** Follow the address: the view, the conversation, and the document beside it. */
function follower(client, conversation, source) {
  return async ({ view, conversation: id, document: documentId }) => {
    const isThere = VIEWS.includes(view) && !byId(`view-${view}`).hidden;
    showView(isThere ? view : "ask");
    if (documentId !== source.documentId) {
      if (documentId) openDocument(client, source, documentId);
      else source.clear();
    }
    if (id === (conversation.id ?? "")) return;
    try {
      if (!id) return conversation.restart();
      await conversation.reopen(id);
    } catch (problem) {
      conversation.restart();
      say(byId("conversation-problem"), problem.status === 404 ? t`That conversation is not here: it was deleted, or it is somebody else's.` : problem.message);
    }
    return undefined;
  };
}

/** Open a document that the address names; the panel says why it cannot be opened. */
async function openDocument(client, source, id) {
  const view = await client.document(id).catch(() => ({ document_id: id, title: t`Document`, filename: "" }));
  await source.open(view);
}

/** Show the workspace. `session` is that of this browser, if somebody signed in. */
function open(client, session) {
  say(byId("sign-out-problem"), "");
  byId("sign-in").hidden = true;
  byId("workspace").hidden = false;
  const place = new Address((fields) => follow(fields));
  const source = new Source(client, () => place.undo({ document: "" }));
  const show = (citation, opener) => {
    place.go({ document: citation.document_id }, { replaces: Boolean(source.documentId) });
    source.open(citation, opener);
  };
  const uploads = new Uploads(client, () => documents.refresh());
  const quarantine = new Quarantine(client, () => documents.refresh());
  const collections = new Collections(client);
  const documents = new Documents(client, collections, show, uploads, (views, isEverything) => {
    quarantine.noticed(views);
    byId("welcome-empty").hidden = views.length > 0 || !isEverything || !client.may("upload");
  });
  const scope = new QuestionScope(collections);
  documents.onAsk = (views) => {
    scope.limitTo(views);
    go("ask");
    byId("question").focus();
  };
  const conversation = new Conversation(client, scope, show, (id) => place.go({ conversation: id }));
  const follow = follower(client, conversation, source);
  offerQuestions(client.me.start_questions, (question) => conversation.ask(question));
  const rest = [new Account(client.me), new History(client, conversation), new Trends(client), new Reviews(client)];
  administration = new Administration(client);
  rest.push(administration, collections, scope, new SearchView(client, show, scope));
  if (session) rest.push(new Sessions(client, session.session_id, sessionEnded));
  components = [source, documents, quarantine, uploads, conversation, ...rest];
  address = place;
  follow(place.fields);
  showLink = () => openLink(client, source);
  showLink();
}

async function signIn(credentials, session = null) {
  const client = new Client(credentials, (problem) => components.length && signOut(problem));
  await client.signIn();
  open(client, session);
  return client;
}

async function signInWithKey(value) {
  await signIn(withKey(value));
  key.set(value);
}

/** Show the way to sign in where there is one, and return the session of this browser. */
async function offerSignIn() {
  const { isOffered, session } = await signInState();
  byId("sign-in-elsewhere").hidden = !isOffered;
  return session;
}

/** Go on with the session of this browser, or show the form, with what became of a sign-in. */
async function resume() {
  const url = new URL(location.href);
  const refusal = REFUSALS[url.searchParams.get("sign-in")] ?? "";
  if (refusal) history.replaceState(null, "", url.pathname);
  const session = await offerSignIn();
  if (session === null) {
    signOut(refusal ? { message: refusal } : null);
    return key.ask();
  }
  const client = await signIn(withSession(session), session);
  endSession = () => client.endSession(session.session_id);
  return client;
}

/** Sign in with a key that the person does not type now. */
async function tryKey(value) {
  try {
    await signInWithKey(value);
  } catch (problem) {
    signOut(problem);
    if (problem.status !== 401) byId("key").value = value; // the service was away, the key is good
  }
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
byId("sign-in-elsewhere").addEventListener("click", keepAddress);
function go(view) {
  showView(view);
  address.go({ view: view === "ask" ? "" : view });
}

for (const view of VIEWS) byId(`view-${view}`).addEventListener("click", () => go(view));
byId("welcome-add").addEventListener("click", () => {
  go("documents");
  byId("files").focus();
});

const key = new SharedKey(
  (value) => components.length || tryKey(value),
  () => signOut());
const linkedKey = takeFromAddress("key");

keepLink();
addEventListener("hashchange", () => {
  const otherKey = takeFromAddress("key");
  if (otherKey) {
    signOut();
    return tryKey(otherKey);
  }
  keepLink();
  return showLink();
});

if (linkedKey || key.value) {
  offerSignIn();
  tryKey(linkedKey || key.value);
} else resume().catch(signOut);
