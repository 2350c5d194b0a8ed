// What the service says beside an answer, in the page's language. It says it in English; a notice
// that is not listed here stays as it came.

import { t } from "./language.js";

const NOTICES = [
  [/^Nothing that you may read answers this question\./, () => t`Nothing that you may read answers this question.`],
  [/^Nothing that you may read tells of this: (.*?)\.(?= (?:The|What the) model|$)/s, (things) => t`Nothing that you may read tells of this: ${things}.`],
  [/^This question was not answered: the policy of this service does not allow it\./, () => t`This question was not answered: the policy of this service does not allow it.`],
  [/^The answer was kept back: the policy of this service does not let it out\./, () => t`The answer was kept back: the policy of this service does not let it out.`],
  [/^The policy of this service kept a part of the answer back\./, () => t`The policy of this service kept a part of the answer back.`],
  [/^What the documents say here may not be what was asked for\./, () => t`What the documents say here may not be what was asked for.`],
  [/^The documents disagree: (.*)\. Check who published them, and when\./s, (sides) => t`The documents disagree: ${sides}. Check who published them, and when.`],
  [/^No language model is configured: these are the documents' own words\./, () => t`No language model is configured: these are the documents' own words.`],
  [/^The model wrote nothing\./, () => t`The model wrote nothing.`],
  [/^The model repeated itself and was broken off\./, () => t`The model repeated itself and was broken off.`],
  [/^What the model wrote does not answer it\./, () => t`What the model wrote does not answer it.`],
];

/** A notice of the service, sentence by sentence. */
export function noticeText(notice) {
  const sentences = [];
  let rest = notice.trim();
  while (rest) {
    const [pattern, say] = NOTICES.find(([one]) => one.test(rest)) ?? [];
    if (!pattern) return [...sentences, rest].join(" ");
    const [whole, ...values] = pattern.exec(rest);
    sentences.push(say(...values));
    rest = rest.slice(whole.length).trim();
  }
  return sentences.join(" ");
}
