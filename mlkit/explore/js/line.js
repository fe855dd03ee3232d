// A line over points, with its errors.
import { explore, handle, scale, set, signed, slider } from "./kit.js";

explore("line", (frame, { x, y, weight, bias, plane }) => {
  const [across, up] = plane.map(scale);
  const line = frame.part("line").firstElementChild;
  const errors = frame.part("errors").children;

  const draw = () => {
    const at = (v) => up.at(weight * v + bias);
    set(line, { y1: at(across.from), y2: at(across.to) });
    x.forEach((v, i) => set(errors[i], { y2: at(v) }));
    set(biasHandle.firstElementChild, { cy: at(0) });
    set(weightHandle.firstElementChild, { cy: at(across.to) });
    for (const c of [biasDrag, biasSlider]) c.set(bias);
    for (const c of [weightDrag, weightSlider]) c.set(weight);
    const error = x.reduce((sum, v, i) => sum + (weight * v + bias - y[i]) ** 2, 0) / x.length;
    frame.say(`y = ${signed(weight, 2)}·x + ${signed(bias, 2)}. Mean squared error: ${signed(error, 2)}`);
  };
  const steep = (up.to - up.from) / across.to;
  const step = (range) => Math.max(0.01, 10 ** (Math.floor(Math.log10(range)) - 2)); // two decimals are shown
  const weights = { label: "weight", min: -2 * steep, max: 2 * steep, step: step(4 * steep), change: (v) => { weight = v; draw(); } };
  const biases = { label: "bias", min: up.from, max: up.to, step: step(up.to - up.from), change: (v) => { bias = v; draw(); } };
  const weightHandle = frame.part("weight"), biasHandle = frame.part("bias");
  const weightDrag = handle(weightHandle, { ...weights, at: (_, py) => (up.value(py) - bias) / across.to });
  const biasDrag = handle(biasHandle, { ...biases, at: (_, py) => up.value(py) });
  const weightSlider = slider({ ...weights, value: weight });
  const biasSlider = slider({ ...biases, value: bias });
  frame.controls.append(weightSlider.element, biasSlider.element);
  frame.caption.textContent = "Drag the line by its two blue dots, or move the sliders: the dot at x = 0 is the bias, " +
    "the one on the right the weight. How small can you make the error?";
  draw();
});
