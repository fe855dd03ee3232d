// Pictures made of numbers, and a place in them.
import { clamp, element, forFingers, set } from "../kit.js";

// bytes are the numbers from 0 to 255 that Go wrote as base64.
export function bytes(text) { return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)); }

// paint shows a picture in an <image>: color gives the red, green and blue of its nth pixel.
export function paint(image, columns, rows, color) {
  const canvas = element("canvas", { width: columns, height: rows });
  const data = new ImageData(columns, rows);
  for (let i = 0; i < columns * rows; i++) data.data.set([...color(i), 255], 4 * i);
  canvas.getContext("2d").putImageData(data, 0, 0);
  set(image, { href: canvas.toDataURL() });
}

// shades gives numbers greys, for paint: the smallest is black, the largest white.
export function shades(values) {
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  return (i) => Array(3).fill(high > low ? Math.round(255 * (values[i] - low) / (high - low)) : 0);
}

// place lets the learner point at one of the rows and columns of a picture: with the mouse or a finger on one of the
// surfaces, each a node with what turns its pixels into [row, column], or with the arrow keys on the marker. size
// gives [rows, columns]; change is called with a new place. The result has the place set that screen readers tell.
export function place(marker, { label, surfaces, size, change }) {
  let row = 0, column = 0;
  const move = (r, c) => {
    const [rows, columns] = size();
    change(clamp(r, 0, rows - 1), clamp(c, 0, columns - 1));
  };
  for (const [node, at] of surfaces) {
    node.style.cursor = "crosshair";
    forFingers(node);
    const point = (event) => {
      const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.getScreenCTM().inverse());
      move(...at(p.x, p.y));
    };
    node.addEventListener("pointermove", point);
    node.addEventListener("pointerdown", (event) => {
      point(event);
      marker.focus({ preventScroll: true });
      event.preventDefault();
    });
  }
  marker.style.pointerEvents = "none"; // what lies below it is pointed at
  set(marker, { role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": 0 });
  marker.addEventListener("keydown", (event) => {
    const step = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0],
      Home: [0, -10], End: [0, 10],
    }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    move(row + step[0], column + step[1]);
  });
  return {
    set(r, c) {
      [row, column] = [r, c];
      const [rows, columns] = size();
      set(marker, { "aria-valuemax": rows * columns - 1, "aria-valuenow": r * columns + c, "aria-valuetext": `row ${r}, column ${c}` });
    },
  };
}
