// A filter that slides over a picture.
import { button, choice, clamp, element, explore, set, slider } from "./kit.js";
import { short } from "./shared/numbers.js";
import { bytes, paint, place, shades } from "./shared/pixels.js";

explore("convolution", (frame, { pictures, filter, stride, padding, presets, panel }) => {
  const whole = pictures.map((p) => ({ ...p, name: `${p.rows} × ${p.columns} pixels`, pixels: bytes(p.pixels) }));
  let picture = whole[0];
  let rows, columns, values; // the map's
  let row, column; // the place in it
  const [left, right] = ["picture", "map"].map((name) => frame.part(name).firstElementChild);
  const [ring, dot] = ["picture-place", "map-place"].map((name) => frame.part(name).firstElementChild);
  const scale = () => Math.min(panel[0] / picture.columns, panel[1] / picture.rows);

  // under are the nine pixels under the filter at a place of the map.
  const under = (r, c) => filter.map((_, k) => {
    const y = r * stride - padding + Math.floor(k / 3), x = c * stride - padding + k % 3;
    return y >= 0 && y < picture.rows && x >= 0 && x < picture.columns ? picture.pixels[y * picture.columns + x] : 0;
  });
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const products = (numbers) => numbers.map((v, k) => v * filter[k] || 0);

  const convolve = () => {
    [rows, columns] = [picture.rows, picture.columns].map((n) => Math.floor((n + 2 * padding - 3) / stride) + 1);
    values = new Float64Array(rows * columns);
    for (let i = 0; i < values.length; i++) values[i] = sum(products(under(Math.floor(i / columns), i % columns)));
    paint(right, columns, rows, shades(values));
    set(right, { width: scale() * columns, height: scale() * rows });
    frame.part("map-title").firstElementChild.textContent = `map, ${rows} × ${columns}`;
    move(row ?? Math.floor(rows / 2), column ?? Math.floor(columns / 2));
  };
  const fill = (name, numbers) =>
    frame.part(name).querySelectorAll("text").forEach((text, k) => { text.textContent = short(numbers[k]); });
  const move = (r, c) => {
    [row, column] = [clamp(r, 0, rows - 1), clamp(c, 0, columns - 1)];
    const s = scale(), pixels = under(row, column);
    set(ring, { x: s * (column * stride - padding), y: s * (row * stride - padding), width: 3 * s, height: 3 * s });
    set(dot, { x: s * column, y: s * row, width: s, height: s });
    fill("under", pixels);
    fill("filter", filter);
    fill("products", products(pixels));
    fill("sum", [values[row * columns + column]]);
    cursor.set(row, column);
    frame.say(`The map has ${rows} × ${columns} numbers, from ${short(Math.min(...values))} (black) to ${short(Math.max(...values))} (white). ` +
      `In row ${row}, column ${column} it is ${short(values[row * columns + column])}.`);
  };
  const cursor = place(frame.part("map-place"), {
    label: "place in the map",
    surfaces: [
      [right, (x, y) => [Math.floor(y / scale()), Math.floor(x / scale())]],
      [left, (x, y) => [y, x].map((v) => Math.round((Math.floor(v / scale()) - 1 + padding) / stride))],
    ],
    size: () => [rows, columns],
    change: move,
  });

  const inputs = filter.map((_, k) => {
    const input = element("input", {
      type: "number", step: "any", style: "width: 4.2em; font: inherit",
      "aria-label": `filter, row ${Math.floor(k / 3)}, column ${k % 3}`,
    });
    input.addEventListener("input", () => {
      filter[k] = Number.isFinite(input.valueAsNumber) ? clamp(input.valueAsNumber, -1000, 1000) : 0;
      convolve();
    });
    return input;
  });
  const show = (numbers) => {
    filter = [...numbers];
    inputs.forEach((input, k) => { input.value = filter[k]; });
  };
  const grid = element("div", { role: "group", "aria-label": "filter", style: "display: grid; grid-template-columns: repeat(3, auto); gap: 2px" }, ...inputs);
  const pad = element("input", { type: "checkbox" });
  pad.checked = padding > 0;
  pad.addEventListener("change", () => { padding = pad.checked ? 1 : 0; convolve(); });
  const column2 = element("div", {},
    element("div", { style: "display: flex; flex-wrap: wrap; gap: .4em; margin-bottom: .5em" },
      ...presets.map((p) => button(p.name, () => { show(p.filter); convolve(); }))),
    element("div", { style: "display: flex; flex-wrap: wrap; gap: .4em 1.4em" },
      slider({ label: "stride", min: 1, max: 3, step: 1, value: stride, text: String, change: (v) => { stride = v; convolve(); } }).element,
      element("label", {}, pad, "padding"),
      ...whole.length < 2 ? [] : [choice({
        label: "picture", options: whole.map((p) => p.name), value: picture.name,
        change: (name) => {
          picture = whole.find((p) => p.name === name);
          [row, column] = [undefined, undefined];
          paint(left, picture.columns, picture.rows, (i) => Array(3).fill(picture.pixels[i]));
          set(left, { width: scale() * picture.columns, height: scale() * picture.rows });
          frame.part("picture-title").firstElementChild.textContent = `picture, ${picture.rows} × ${picture.columns}`;
          convolve();
        },
      })]));
  column2.style.flex = "1 1 20em";
  frame.controls.append(grid, column2);
  frame.caption.textContent = "Pick a filter, or write numbers of your own into its nine fields. Point at the map or the picture, or move the " +
    "marker with the arrow keys: the tables show how the number there came about.";
  show(filter);
  convolve();
});
