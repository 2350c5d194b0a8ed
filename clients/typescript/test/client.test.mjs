// Against a running service: FOOTNOTE_URL, and the keys of two people in ANN_KEY and BOB_KEY.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { FailedError, Footnote, ProblemError, UnreachableError } from "../dist/index.js";

const baseUrl = process.env.FOOTNOTE_URL;
const ann = new Footnote({ baseUrl, key: process.env.ANN_KEY });
const bob = new Footnote({ baseUrl, key: process.env.BOB_KEY });
const EARNS = "What does the warden of the quay earn?";
let quay;
let wages;

async function add(client, text, filename, allow) {
  const upload = await client.documents.upload(new Blob([text]), { filename, allow });
  await client.jobs.wait(upload);
  return upload.document_id;
}

before(async () => {
  quay = await add(ann, "The quay is swept at dawn.", "quay.txt", ["tenant:all"]);
  wages = await add(ann, "The warden of the quay earns 700 crowns.", "wages.txt", ["user:ann"]);
});

test("an answer is cited, and the quote stands in the document's text", async () => {
  const answer = await ann.ask("When is the quay swept?", { documents: [quay] });
  assert.equal(answer.status, "answered");
  const { quote, start, end } = answer.citations[0];
  const text = [...(await ann.documents.text(quay))]; // code points
  assert.equal(text.slice(start, end).join(""), quote);
});

test("an answer arrives sentence by sentence and whole in the end", async () => {
  const stream = ann.askStream("When is the quay swept?", { documents: [quay] });
  const first = await stream.next();
  assert.match(first.value.citations[0].quote, /dawn/);
  let step = first;
  while (!step.done) step = await stream.next();
  assert.equal(step.value.sentences[0].text, first.value.text);
  for await (const sentence of ann.askStream("When is the quay swept?")) {
    assert.ok(sentence.text);
    break; // closes the connection
  }
});

test("two people see what each of them may", async () => {
  assert.match((await ann.ask(EARNS)).text, /700 crowns/);
  assert.doesNotMatch((await bob.ask(EARNS)).text, /700/);
  const ids = [];
  for await (const document of bob.documents.list(2)) ids.push(document.document_id);
  assert.ok(ids.includes(quay));
  assert.ok(!ids.includes(wages));
  await assert.rejects(bob.documents.get(wages), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.status, error.code], [404, "not-found"]);
    assert.ok(error.requestId);
    return true;
  });
});

test("the same key gets the same answer", async () => {
  const ask = () => ann.ask("When is the quay swept?", { idempotencyKey: "quay" });
  assert.equal((await ask()).answer_id, (await ask()).answer_id);
});

test("a collection and a conversation are made, used and deleted", async () => {
  const collection = await ann.collections.create({ name: "Quay" });
  await ann.collections.add(collection.collection_id, [wages]);
  const found = await ann.search(EARNS, { collections: [collection.collection_id], topK: 3 });
  assert.deepEqual([...new Set(found.passages.map((each) => each.document_id))], [wages]);
  await ann.collections.delete(collection.collection_id);
  const conversation = await ann.conversations.create("Quay");
  const options = { conversationId: conversation.conversation_id };
  const answer = await ann.ask("When is the quay swept?", options);
  const { turns } = await ann.conversations.get(conversation.conversation_id);
  assert.deepEqual(turns.map((turn) => turn.answer_id), [answer.answer_id]);
  assert.equal(await ann.conversations.delete(conversation.conversation_id), undefined);
});

test("a file that cannot be read says why, and it is deleted", async () => {
  const file = new Blob(["%PDF-1.7 broken"]);
  const upload = await ann.documents.upload(file, { filename: "broken.pdf" });
  await assert.rejects(ann.jobs.wait(upload), (error) => {
    assert.ok(error instanceof FailedError);
    assert.ok(error.reason);
    return true;
  });
  assert.equal((await ann.documents.delete(upload.document_id)).document_id, upload.document_id);
});

test("what is safe is sent again, and nothing else", async () => {
  const seen = [];
  const replies = [];
  const script = async (url, init) => {
    seen.push(init);
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const busy = () =>
    new Response(JSON.stringify({ code: "busy" }), { status: 503, headers: { "Retry-After": "0" } });
  const client = new Footnote({ baseUrl: "http://footnote.example", key: "x", fetch: script });
  replies.push(busy(), new Response(JSON.stringify({ answer_id: "ans_1" })));
  assert.equal((await client.ask("When?")).answer_id, "ans_1");
  assert.equal(seen[0].headers["Idempotency-Key"], seen[1].headers["Idempotency-Key"]);
  replies.push(busy());
  await assert.rejects(client.conversations.create(), ProblemError);
  assert.equal(seen.length, 3);
  replies.push(new TypeError("fetch failed"));
  await assert.rejects(client.conversations.create(), UnreachableError);
  assert.equal(seen.length, 4);
});
