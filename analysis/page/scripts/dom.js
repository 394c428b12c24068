// Elements. Every text of the data becomes a text node, so that none is read as HTML.

/// Makes an element with attributes and children: elements, or texts. A function is a listener.
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

/// Shows the box with these contents near a place of the window.
function showTip(x, y, ...contents) {
  const tip = document.getElementById("tip");
  tip.replaceChildren(...contents);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = x + 16 + width > innerWidth ? x - 16 - width : x + 16;
  const top = y + 16 + height > innerHeight ? y - 16 - height : y + 16;
  tip.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  tip.style.top = `${Math.max(8, top)}px`;
}

function hideTip() {
  document.getElementById("tip").hidden = true;
}

/// Shows a text beside the element while the mouse is over it, or it has the focus.
function attachTip(element, text) {
  if (!text) return element;
  const show = () => {
    const box = element.getBoundingClientRect();
    showTip(box.left, box.bottom - 8, text);
  };
  element.addEventListener("mouseenter", show);
  element.addEventListener("focus", () => element.matches(":focus-visible") && show());
  element.addEventListener("mouseleave", hideTip);
  element.addEventListener("blur", hideTip);
  return element;
}

/// Makes a choice with a label. Calls `changed` with the index of the chosen text.
function chooser(label, texts, changed, chosen = 0) {
  const select = el("select", { "aria-label": label, change: () => changed(select.selectedIndex) },
    texts.map((text, i) => el("option", { value: i, selected: i === chosen }, text)));
  return el("label", {}, label, select);
}

function section(id, title, ...children) {
  return el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), children);
}
