// The source panel: where a citation's words stand, in the text and on the page.

import { byId, button, element, hiddenText, say } from "./dom.js";
import { cut } from "./code_points.js";
import { pageFigure } from "./page_image.js";
import { save } from "./download.js";
import { plural, t } from "./language.js";

/** Files whose pages are slides: their page has a number and no image. */
const SLIDES = /\.(?:pp[ts]|pot)[xm]$/i;

const NARROW = matchMedia("(max-width: 68rem)");
const AROUND = 60_000; // characters drawn on each side of a quote before somebody asks for all

/** Tabs with arrow keys (WAI-ARIA Authoring Practices, tabs pattern). */
function tabs(panels) {
  const select = (chosen) => {
    for (const [index, { tab, panel }] of panels.entries()) {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      panel.hidden = index !== chosen;
    }
    panels[chosen].onShow();
  };
  for (const [index, { tab }] of panels.entries()) {
    tab.addEventListener("click", () => select(index));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = (index + step + panels.length) % panels.length;
      select(next);
      panels[next].tab.focus();
    });
  }
  select(0);
  return element("div", { class: "tabs", role: "tablist", "aria-label": t`Ways to see the source` },
    ...panels.map(({ tab }) => tab));
}

function tabPanel(name, label, content, onShow) {
  const tab = element("button", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`,
  }, label);
  const panel = element("div", {
    role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: 0,
    class: "source-panel",
  }, content);
  return { tab, panel, onShow };
}

/** The last `AROUND` units of a text and the rest behind a button. */
function folded(text, { end }) {
  if (text.length <= AROUND) return [text];
  const nearby = end ? text.slice(-AROUND) : text.slice(0, AROUND);
  const rest = end ? text.slice(0, -AROUND) : text.slice(AROUND);
  const more = button(t`Show the rest of the text`, () => more.replaceWith(rest), {
    class: "quiet small",
  });
  return end ? [more, nearby] : [nearby, more];
}

/** The panel for sources. One document is shown at a time. */
export class Source {
  #client;
  #dialog = byId("source");
  #opener = null;
  #loading = null;
  #urls = [];
  #closed;
  #listeners = new AbortController();

  /** The document on show, or nothing. */
  documentId = "";

  /** `closed()` is called when somebody closes the panel. */
  constructor(client, closed) {
    this.#client = client;
    this.#closed = closed;
    const listen = { signal: this.#listeners.signal };
    this.#dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    }, listen);
    this.#dialog.addEventListener("cancel", () => this.close(), listen);
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog && NARROW.matches) this.close(); // the backdrop
    }, listen);
    NARROW.addEventListener("change", () => this.#dialog.open && this.#show(), listen);
  }

  stop() {
    this.clear();
    this.#listeners.abort();
  }

  close() {
    if (!this.documentId) return; // Escape is told twice where the panel is modal
    this.clear();
    this.#closed();
  }

  /** Show nothing any more. */
  clear() {
    this.documentId = "";
    this.#loading?.abort();
    if (this.#dialog.open) this.#dialog.close();
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
    this.#dialog.replaceChildren();
    this.#opener?.setAttribute("aria-current", "false");
    if (this.#opener?.isConnected) this.#opener.focus();
    this.#opener = null;
  }

  /** Over the page on narrow screens, beside the conversation on wide ones. */
  #show() {
    if (this.#dialog.open) this.#dialog.close();
    if (NARROW.matches) this.#dialog.showModal();
    else this.#dialog.show();
  }

  /**
   * Show a citation, or a whole document (no `quote`).
   * Needs `document_id`, `title`, `filename`; reads `quote`, `start`, `end`, `page`, `boxes`, and
   * `isOutdated`: the words were cited in an earlier version.
   */
  async open(citation, opener = null) {
    this.clear();
    this.documentId = citation.document_id;
    this.#opener = opener;
    opener?.setAttribute("aria-current", "true");
    const loading = new AbortController();
    this.#loading = loading;
    const body = element("div", { class: "source-body" }, element("p", { class: "waiting" }, t`Opening`));
    this.#dialog.replaceChildren(this.#head(citation), body);
    this.#show();
    byId("source-title").focus();
    try {
      const text = await this.#client.text(citation.document_id, loading.signal);
      if (!loading.signal.aborted) this.#fill(body, citation, text, loading.signal);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      body.replaceChildren(element("p", { class: "problem", role: "alert" }, problem.message));
    }
  }

  #head(citation) {
    const where = [citation.filename];
    const isSlides = SLIDES.test(citation.filename);
    if (citation.page) where.push(isSlides ? t`slide ${citation.page}` : t`page ${citation.page}`);
    else if (citation.pages) where.push(plural(citation.pages, isSlides ? "slide" : "page"));
    const status = element("span", { role: "status", class: "note" });
    return element(
      "header", { class: "source-head" },
      element("p", { class: "document-facts" }, where.join(" · ")),
      element("div", { class: "row-actions" },
        this.#widener(),
        button(t`Download`, () => save(this.#client, citation, status), { class: "quiet small" }),
        button(t`Close`, () => this.close(), { class: "quiet small", id: "source-close" })),
      element("h2", { id: "source-title", tabindex: -1 },
        citation.marker ? hiddenText(`${t`Source ${citation.marker}:`} `) : null, citation.title),
      status,
    );
  }

  #widener() {
    const node = button(t`Widen`, () => {
      const wide = this.#dialog.classList.toggle("wide");
      node.setAttribute("aria-pressed", String(wide));
    }, { class: "quiet small widen" });
    node.setAttribute("aria-pressed", String(this.#dialog.classList.contains("wide")));
    return node;
  }

  #fill(body, citation, text, signal) {
    const [before, inside, after] = cut(text, citation.start ?? 0, citation.end ?? 0);
    const differs = Boolean(citation.quote) && inside !== citation.quote;
    const moved = Boolean(citation.isOutdated) || differs;
    const mark = inside && !moved ? element("mark", { id: "quoted", tabindex: -1 }, inside) : null;
    const words = mark
      ? [...folded(before, { end: true }), mark, ...folded(after, { end: false })]
      : folded(text, { end: false });
    const reveal = () => mark?.scrollIntoView({ block: "center" });
    const prose = element("div", { class: "source-text" }, ...words);
    const textPanel = tabPanel("text", t`Text`, prose, reveal);
    const notices = [];
    if (moved) notices.push(this.#changed(citation));
    if (!citation.page || SLIDES.test(citation.filename)) {
      body.replaceChildren(...notices, prose);
      reveal();
      return;
    }
    const figure = pageFigure(citation, {
      load: (page) => this.#client.pageImage(citation.document_id, page, signal),
      keep: (url) => this.#urls.push(url),
    });
    const pagePanel = tabPanel("page", t`Page ${citation.page}`, figure, () => {});
    body.replaceChildren(...notices, tabs([pagePanel, textPanel]), pagePanel.panel, textPanel.panel);
  }

  #changed(citation) {
    const notice = t`This document has changed since the answer was written.`;
    if (!citation.quote) return element("p", { class: "notice" }, notice);
    return element("div", { class: "notice" },
      element("p", {}, t`${notice} It said:`), element("blockquote", {}, citation.quote));
  }
}
