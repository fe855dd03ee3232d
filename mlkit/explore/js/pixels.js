// A picture's pixels, and its three layers.
import { element, explore, set } from "./kit.js";
import { bytes, paint, place } from "./shared/pixels.js";

explore("pixels", (frame, { pixels, rows, columns, row, column, layers }) => {
  const numbers = bytes(pixels);
  const picture = frame.part("picture").firstElementChild;
  const swatch = frame.part("colour").querySelector("rect");
  const rings = frame.part("place").querySelectorAll("rect");
  const scale = picture.width.baseVal.value / columns;
  const on = layers.map(() => true);

  const draw = () => {
    const color = [0, 1, 2].map((k) => numbers[3 * (row * columns + column) + k]);
    rings.forEach((ring, i) => set(ring, { x: scale * column - 4 - i, y: scale * row - 4 - i }));
    layers.forEach((name, k) => { frame.part(name).firstElementChild.textContent = color[k]; });
    swatch.parentNode.style.fill = `rgb(${color.map((v, k) => on[k] ? v : 0)})`;
    cursor.set(row, column);
    frame.say(`Row ${row}, column ${column}: ` + layers.map((name, k) => `${name} ${color[k]}${on[k] ? "" : " (off)"}`).join(", ") + ".");
  };
  const cursor = place(frame.part("place"), {
    label: "pixel",
    surfaces: [[picture, (x, y) => [Math.floor(y / scale), Math.floor(x / scale)]]],
    size: () => [rows, columns],
    change: (r, c) => { [row, column] = [r, c]; draw(); },
  });
  layers.forEach((name, k) => {
    const box = element("input", { type: "checkbox", checked: "" });
    box.addEventListener("change", () => {
      on[k] = box.checked;
      paint(picture, columns, rows, (i) => on.map((is, k) => is ? numbers[3 * i + k] : 0));
      frame.part(name + "-layer").style.opacity = on[k] ? 1 : 0.2;
      draw();
    });
    frame.controls.append(element("label", {}, box, `${name} layer`));
  });
  frame.caption.textContent = "Point at a pixel, or move the marker with the arrow keys. Where is a number close to 255, where close to 0? " +
    "Switch layers off: what is left of the picture without its red?";
  draw();
});
