// A neuron: three inputs, four weights, their sum, and what the activation function makes of it.
import { choice, element, explore, set, signed, slider } from "./kit.js";
import { functions } from "./shared/functions.js";

explore("neuron", (frame, { inputs, weights, name, names, inputNames, weightNames }) => {
  const write = (part, text) => { frame.part(part).firstElementChild.textContent = text; };

  const draw = () => {
    const sum = inputs.reduce((total, x, i) => total + x * weights[i + 1], weights[0]);
    const output = functions[name][0](sum);
    inputs.forEach((x, i) => write(`input${i + 1}`, signed(x, 2)));
    weights.forEach((weight, i) => {
      write(`weight${i}`, `${weightNames[i]} = ${signed(weight, 2)}`);
      // A connection is as wide as its weight is large; a negative one is dashed.
      set(frame.part(`connection${i}`).firstElementChild, {
        class: weight < 0 ? "line orange dashed" : "line blue", style: `stroke-width:${0.75 + 2.5 * Math.abs(weight)}`,
      });
    });
    write("sum", signed(sum, 2));
    write("activation", name);
    write("output", signed(output, 2));
    const terms = inputs.map((x, i) => `${bracketed(x)} · ${bracketed(weights[i + 1])}`);
    frame.say(`${signed(weights[0], 2)} + ${terms.join(" + ")} = ${signed(sum, 2)}. ${name} makes ${signed(output, 2)} of it.`);
  };
  const sliders = (list, labels) => list.map((value, i) => slider({
    label: labels[i], min: -2, max: 2, step: 0.05, value, change: (v) => { list[i] = v; draw(); },
  }).element);
  const column = (...controls) => element("div", { class: "column" }, ...controls);
  frame.controls.append(
    column(...sliders(inputs, inputNames), choice({ label: "activation", options: names, value: name, change: (v) => { name = v; draw(); } })),
    column(...sliders(weights, weightNames)));
  frame.caption.textContent = "Move the inputs x and the weights θ. Dashed connections have negative weights. " +
    "Can you find weights with which only the first input counts?";
  draw();
});

function bracketed(v) { return v < 0 ? `(${signed(v, 2)})` : signed(v, 2); }
