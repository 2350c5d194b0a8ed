// What a person who cannot see, or cannot see well, would run into. Returns complaints.
(() => {
  const complaints = [];
  const shown = (node) => node.checkVisibility({ opacityProperty: false, visibilityProperty: true });
  const nameOf = (node) => {
    const labels = [...(node.labels ?? [])].map((label) => label.textContent);
    const by = (node.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent);
    const own = node.matches("button, a") ? node.textContent : "";
    return [node.getAttribute("aria-label"), ...by, ...labels, own].filter(Boolean).join("").trim();
  };
  for (const node of document.querySelectorAll("button, input, textarea, a, dialog, progress")) {
    if (shown(node) && !nameOf(node)) complaints.push(`no name: ${node.outerHTML.slice(0, 120)}`);
  }
  for (const image of document.querySelectorAll("img")) {
    if (!image.alt) complaints.push(`no alternative text: ${image.outerHTML.slice(0, 120)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of ids.filter((id, index) => ids.indexOf(id) !== index)) complaints.push(`twice: ${id}`);
  if ([...document.querySelectorAll("main")].filter(shown).length !== 1) complaints.push("not one main");

  // Contrast, WCAG 2.2, 1.4.3: 4.5 to 1, or 3 to 1 for large text.
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const node = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !shown(node) || node.closest("noscript")) continue;
    const style = getComputedStyle(node);
    const [dark, light] = [luminance(channels(style.color)), luminance(behind(node))].sort((a, b) => a - b);
    const points = parseFloat(style.fontSize) * 0.75;
    const large = points >= 18 || (points >= 14 && Number(style.fontWeight) >= 700);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < (large ? 3 : 4.5)) {
      complaints.push(`contrast ${ratio.toFixed(2)}: ${words.currentNode.data.trim().slice(0, 60)}`);
    }
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) complaints.push(`${wide} pixels too wide`);
  return complaints;
})()
