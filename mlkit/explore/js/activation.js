// An activation function: its curve, and its slope where the dot is.
import { choice, explore, handle, scale, set, signed, slider } from "./kit.js";
import { functions } from "./shared/functions.js";

explore("activation", (frame, { name, x, names, formulas, curves, plane }) => {
  const [across, up] = plane.map(scale);
  const curve = frame.part("curve").firstElementChild;
  const tangent = frame.part("tangent").firstElementChild;
  const place = frame.part("place");

  const draw = () => {
    const [f, slope] = functions[name];
    const y = f(x), left = Math.max(x - 1.2, across.from), right = Math.min(x + 1.2, across.to);
    set(curve, { d: curves[name] });
    set(tangent, {
      x1: across.at(left), y1: up.at(y + (left - x) * slope(x)), x2: across.at(right), y2: up.at(y + (right - x) * slope(x)),
    });
    set(place.firstElementChild, { cx: across.at(x), cy: up.at(y) });
    dragged.set(x);
    slid.set(x);
    frame.say(`${name}: ${formulas[name]}. At x = ${signed(x, 2)} it is ${signed(y, 2)}, and its slope is ${signed(slope(x), 2)}.`);
  };
  const places = { label: "x", min: across.from, max: across.to, step: 0.05, change: (v) => { x = v; draw(); } };
  const dragged = handle(place, { ...places, at: (px) => across.value(px) });
  const slid = slider({ ...places, value: x });
  frame.controls.append(choice({ label: "function", options: names, value: name, change: (v) => { name = v; draw(); } }), slid.element);
  frame.caption.textContent = "Pick a function, and drag the dot along its curve. Where is it steep, and where flat?";
  draw();
});
