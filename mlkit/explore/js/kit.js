// What all explorables share: their frame, sliders, handles to drag, and one look. Everything stands in a shadow root,
// so that neither the page's styles nor another explorable get in the way.

const look = `
:host { display: block; margin: .6em 0; font: 14px/1.5 var(--jp-ui-font-family, system-ui, sans-serif);
  color: var(--jp-ui-font-color1, inherit) }
figure { margin: 0; max-width: 48em }
svg { display: block; max-width: 100%; height: auto }
figcaption { margin: .4em 0 }
.controls { display: flex; flex-wrap: wrap; gap: .4em 1.2em; align-items: center; margin: .6em 0 }
.column { display: grid; gap: .4em; align-self: start }
.column label { justify-content: end }
label { display: flex; gap: .6em; align-items: center }
.value { min-width: 3.2em; font-variant-numeric: tabular-nums; font-weight: bold }
input[type=range] { width: 9em; accent-color: var(--jp-brand-color1, #0072b2) }
select, button { font: inherit; color: inherit; background: var(--jp-layout-color2, transparent);
  border: 1px solid var(--jp-ui-font-color2, currentColor); border-radius: 4px; padding: .2em .9em }
option { color: #222; background: #fff }
button { cursor: pointer }
:focus-visible { outline: 3px solid var(--jp-brand-color1, #1976d2); outline-offset: 2px }
[role=slider] { cursor: grab }
[role=slider]:focus-visible { outline: none }
[role=slider]:focus-visible > * { stroke: #000; stroke-width: 4 }
.controls hr { flex-basis: 100%; height: 0; margin: 0; border: 0 }
.says { margin: .2em 0; font-variant-numeric: tabular-nums }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
slot { display: none }
@media print { figure { display: none } slot { display: block } }`;

// explore brings the explorables of a name on this page to life, those that are not alive yet. build gets the frame
// and the values that Go wrote.
export function explore(name, build) {
  for (const host of document.querySelectorAll(`[data-explore="${name}"]`)) {
    if (host.shadowRoot) continue;
    const root = host.attachShadow({ mode: "open" });
    try {
      build(new Frame(host, root), JSON.parse(host.dataset.values));
    } catch (problem) { // the static picture stays
      root.innerHTML = "<slot></slot>";
      throw problem;
    }
  }
}

// A Frame holds the picture, controls below it, what it says, and a caption.
class Frame {
  #spoken = element("p", { class: "spoken", role: "status" });
  #timer;

  constructor(host, root) {
    // The notebook's own keys (Enter edits a cell, d d deletes it) are not meant for what has the focus here.
    host.setAttribute("data-lm-suppress-shortcuts", "");
    this.picture = livePicture(host.querySelector("img"));
    this.controls = element("div", { class: "controls" });
    this.says = element("p", { class: "says" });
    this.caption = element("figcaption");
    // In print the static picture stands for all of it.
    root.append(element("style", {}, look),
      element("figure", {}, this.picture, this.says, this.controls, this.caption, this.#spoken), element("slot"));
  }

  // part is the part of the picture that Go gave a name.
  part(name) { return this.picture.querySelector(`[data-name="${name}"]`); }

  // say shows a sentence, and has it spoken once it stays for a moment.
  say(sentence) {
    this.says.textContent = sentence;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#spoken.textContent = sentence; }, 600);
  }
}

// livePicture is the SVG that an <img> shows, as elements that can change.
function livePicture(image) {
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (character) => character.charCodeAt(0));
  const svg = document.importNode(new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml").documentElement, true);
  svg.setAttribute("role", "group"); // an img would hide the handles in it
  return svg;
}

// element makes an HTML element.
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

// shape makes an SVG element, with the classes of mlkit/sketch.
export function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
  set(node, attributes);
  node.append(...children);
  return node;
}

// set sets attributes.
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

// slider makes a labelled slider. change is called with its value whenever the learner moves it; its own set moves it
// without that.
export function slider({ label, min, max, step, value, text = (v) => signed(v, 2), change }) {
  const input = element("input", { type: "range", min, max, step, value });
  const shown = element("span", { class: "value" });
  const show = (v) => {
    shown.textContent = text(v);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => {
    show(input.valueAsNumber);
    change(input.valueAsNumber);
  });
  show(value);
  return {
    element: element("label", {}, label, input, shown),
    set(v) {
      input.valueAsNumber = v; // the nearest step
      show(v);
    },
  };
}

// choice makes a labelled list to choose one of.
export function choice({ label, options, value, change }) {
  const select = element("select", {}, ...options.map((name) => new Option(name, name, name === value, name === value)));
  select.addEventListener("change", () => change(select.value));
  return element("label", {}, label, select);
}

// button makes a button.
export function button(text, press) {
  const node = element("button", { type: "button" }, text);
  node.addEventListener("click", press);
  return node;
}

// forFingers lets a finger that begins on a node move what is there, and not scroll the page. The style touch-action does
// not do that within an SVG.
export function forFingers(node) {
  node.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
}

// handle makes a part of the picture a slider: it is dragged, or moved by the arrow keys. at turns a place in the
// picture, in its own pixels, into a value; change is called with each new value. The result has the value set that
// screen readers tell.
export function handle(node, { label, min, max, step, at, text = (v) => signed(v, 2), change }) {
  let value;
  const move = (v) => change(clamp(Math.round(v / step) * step, min, max));
  set(node, { role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": min, "aria-valuemax": max });
  forFingers(node);
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    event.preventDefault(); // or the page's text would be selected
  });
  node.addEventListener("pointermove", (event) => {
    if (!node.hasPointerCapture(event.pointerId)) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.ownerSVGElement.getScreenCTM().inverse());
    move(at(point.x, point.y));
  });
  node.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    event.preventDefault();
    event.stopPropagation();
    move(value + steps * step);
  });
  return {
    set(v) {
      value = v;
      set(node, { "aria-valuenow": v, "aria-valuetext": text(v) });
    },
  };
}

// scale turns values into pixels and back, as an axis of mlkit/sketch does.
export function scale([from, to, start, end]) {
  return {
    from, to,
    at: (value) => start + (value - from) / (to - from) * (end - start),
    value: (pixel) => from + (pixel - start) / (end - start) * (to - from),
  };
}

export function clamp(v, min, max) { return Math.min(Math.max(v, min), max); }

// signed writes a number with a real minus sign, and no minus zero.
export function signed(v, digits) {
  const text = v.toFixed(digits);
  return Number(text) < 0 ? text.replace("-", "−") : text.replace("-", "");
}

// still tells whether the learner wants no animation.
export function still() { return matchMedia("(prefers-reduced-motion: reduce)").matches; }
