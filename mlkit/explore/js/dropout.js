// A network of which neurons are switched off.
import { button, explore, set, slider } from "./kit.js";
import { short } from "./shared/numbers.js";

explore("dropout", (frame, { sizes, inputs, weights, rate, off }) => {
  const first = sizes[1];
  const isOff = new Set(off);
  const hidden = (layer) => layer > 0 && layer < sizes.length - 1;
  const number = (layer, k) => (layer - 1) * first + k; // of a hidden neuron
  const dropped = (layer, k) => hidden(layer) && isOff.has(number(layer, k));
  let sample = 1;

  // run is what all neurons say, as in training, or whole, as in use.
  const run = (whole) => weights.reduce((all, layer, i) => [...all, layer.map((w, k) => {
    const sum = all[i].reduce((s, v, j) => s + v * w[j], w[w.length - 1]);
    if (!hidden(i + 1)) return 1 / (1 + Math.exp(-sum));
    if (whole) return Math.max(0, sum);
    return dropped(i + 1, k) ? 0 : Math.max(0, sum) / (1 - rate);
  })], [inputs]);

  const lines = [...frame.part("connections").querySelectorAll("g")];
  const draw = () => {
    const values = run(false);
    let left = 0, n = 0;
    weights.forEach((layer, i) => layer.forEach((w, k) => inputsOf(i).forEach((j) => {
      const there = !dropped(i, j) && !dropped(i + 1, k);
      left += there;
      lines[n++].style.opacity = there ? 1 : 0.08;
    })));
    values.forEach((layer, i) => layer.forEach((v, k) => {
      const node = frame.part(`neuron-${i}-${k}`), gone = dropped(i, k);
      node.lastElementChild.textContent = gone ? "✕" : short(v);
      set(node.children[1], { class: gone ? "line dashed grey" : "line ink" });
      if (hidden(i)) set(node, { "aria-checked": !gone });
    }));
    const answer = (all) => Math.round(100 * all.at(-1)[0]);
    frame.say(`Sample ${sample}: ${isOff.size} of ${2 * first} hidden neurons are off, ${left} of ${n} connections are left. ` +
      `Cat: ${answer(values)} % (with all of them ${answer(run(true))} %).`);
  };
  const inputsOf = (i) => [...Array(sizes[i]).keys()];

  for (let layer = 1; hidden(layer); layer++) {
    for (let k = 0; k < sizes[layer]; k++) {
      const node = frame.part(`neuron-${layer}-${k}`), id = number(layer, k);
      set(node, { role: "switch", tabindex: 0, "aria-label": `hidden layer ${layer}, neuron ${k + 1}`, style: "cursor: pointer" });
      const flip = () => { isOff.has(id) ? isOff.delete(id) : isOff.add(id); draw(); };
      node.addEventListener("click", flip);
      node.addEventListener("keydown", (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        event.stopPropagation();
        flip();
      });
    }
  }
  const next = () => {
    sample++;
    isOff.clear();
    for (let id = 0; id < 2 * first; id++) if (Math.random() < rate) isOff.add(id);
    draw();
  };
  frame.controls.append(button("Next sample", next), slider({
    label: "rate", min: 0, max: 0.9, step: 0.1, value: rate, text: (v) => `${Math.round(100 * v)} %`, change: (v) => { rate = v; draw(); },
  }).element);
  frame.caption.textContent = "Each sample meets another network: press the button a few times. Or click on neurons to switch them off and on. " +
    "Which one changes the answer most?";
  draw();
});
