// A digit that the learner draws, read by package digitnet at every stroke.
import { button, clamp, element, explore, forFingers, set, shape, slider } from "./kit.js";
import { start } from "./shared/reactor.js";

const mostPoints = 8192; // as many as the module takes
const near = 0.006; // of the paper: points are no closer
const round = "fill:none;stroke:#d55e00;stroke-width:2";

explore("digit", (frame, { module, samples, first, layers, panels, size, paper: [left, top, side], full }) => {
  let strokes = samples[first];
  let turn = 0; // degrees, about the middle of the paper
  let reader; // the module, once it has started
  let waiting = false;

  // The maps are painted on canvases that lie over the picture.
  const stage = element("div", { style: "position:relative; display:inline-block; max-width:100%" });
  frame.picture.replaceWith(stage);
  stage.append(frame.picture);
  const canvases = panels.map(({ layer, columns, x, y, width }) => {
    const { Channels: channels, Side: maps } = layers[layer];
    const step = maps + Math.min(1, maps - 1);
    const canvas = element("canvas", {
      width: (columns - 1) * step + maps, height: (Math.ceil(channels / columns) - 1) * step + maps, "aria-hidden": "true",
      style: `position:absolute; left:${100 * x / size[0]}%; top:${100 * y / size[1]}%; width:${100 * width / size[0]}%;` +
        "image-rendering:pixelated; pointer-events:none",
    });
    stage.append(canvas);
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(canvas.width, canvas.height);
    const grey = new Uint32Array(pixels.data.buffer).fill(0xffffffff);
    const offset = layers.slice(0, layer).reduce((sum, l) => sum + length(l), 0);
    return (all) => {
      const values = all.subarray(offset, offset + length(layers[layer]));
      const largest = values.reduce((a, b) => Math.max(a, b), 1e-9);
      for (let channel = 0, i = 0; channel < channels; channel++)
        for (let row = 0; row < maps; row++) {
          const at = (Math.floor(channel / columns) * step + row) * canvas.width + channel % columns * step;
          for (let column = 0; column < maps; column++, i++)
            grey[at + column] = 0xff000000 | Math.round(255 * Math.sqrt(Math.max(0, values[i]) / largest)) * 0x010101;
        }
      context.putImageData(pixels, 0, 0);
    };
  });
  const bars = frame.part("answers").querySelectorAll("rect");
  const percents = frame.part("answers").querySelectorAll(".end");
  const total = layers.reduce((sum, l) => sum + length(l), 0);

  // turned are the strokes as they lie on the paper.
  const turned = () => {
    const [sin, cos] = [Math.sin(turn * Math.PI / 180), Math.cos(turn * Math.PI / 180)];
    return strokes.map((stroke) => stroke.map(([x, y]) => [.5 + (x - .5) * cos - (y - .5) * sin, .5 + (x - .5) * sin + (y - .5) * cos]));
  };
  const ink = frame.part("strokes").firstElementChild;
  const read = () => {
    waiting = false;
    const lines = turned();
    set(ink, { d: lines.map((stroke) => stroke.map(([x, y], i) => `${i ? "L" : "M"}${side * x} ${side * y}`).join("") +
      (stroke.length === 1 ? "h0" : "")).join("") });
    if (!reader) return;
    const points = lines.flatMap((stroke) => [...stroke, [NaN, NaN]]).slice(0, mostPoints);
    new Float64Array(reader.memory.buffer, reader.points(), 2 * mostPoints).set(points.flat());
    reader.read(points.length);
    const maps = new Float32Array(reader.memory.buffer, reader.maps(), total);
    for (const paint of canvases) paint(maps);
    const answers = [...maps.subarray(total - 10)];
    const order = answers.map((_, digit) => digit).sort((a, b) => answers[b] - answers[a]);
    answers.forEach((p, digit) => {
      set(bars[digit], { width: Math.max(1, full * p), class: digit === order[0] ? "blue" : "grey" });
      percents[digit].textContent = percent(p);
    });
    const [best, next] = order;
    frame.say((strokes.length ? "Most likely a " : "Nothing is drawn, but the network has to answer: most likely a ") +
      `${best}, with ${percent(answers[best])}; then a ${next}, with ${percent(answers[next])}.`);
  };
  // change shows what has changed, at the next frame.
  const change = () => {
    if (!waiting) requestAnimationFrame(read);
    waiting = true;
  };

  const paper = frame.part("paper");
  const turning = slider({ label: "turn it", min: -180, max: 180, step: 5, value: 0, text: (v) => `${v}°`, change: (v) => { turn = v; change(); } });
  // show puts other strokes on the paper, as they are.
  const show = (list) => {
    strokes = list;
    turn = 0;
    turning.set(0);
    change();
  };
  const room = () => strokes.reduce((sum, stroke) => sum + stroke.length + 1, 0) < mostPoints;
  const begin = (point) => { if (room()) show([...turned(), [point]]); };
  const go = (point) => {
    const stroke = strokes.at(-1), last = stroke?.at(-1);
    if (!last || !room() || Math.hypot(point[0] - last[0], point[1] - last[1]) < near) return;
    stroke.push(point);
    change();
  };

  // By mouse, pen and finger.
  paper.style.cursor = "crosshair";
  forFingers(paper);
  const at = (event) => {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(frame.picture.getScreenCTM().inverse());
    return [clamp((p.x - left) / side, 0, 1), clamp((p.y - top) / side, 0, 1)];
  };
  paper.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    paper.setPointerCapture(event.pointerId);
    event.preventDefault();
    down = false;
    pen.replaceChildren();
    begin(at(event));
  });
  paper.addEventListener("pointermove", (event) => {
    if (!paper.hasPointerCapture(event.pointerId)) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const e of between.length ? between : [event]) go(at(e));
  });

  // By keyboard: the arrow keys move the pen, the space bar puts it down and lifts it.
  const pen = frame.part("pen");
  let [x, y, down] = [.5, .5, false];
  const point = () => pen.replaceChildren(shape("circle", { cx: side * x, cy: side * y, r: 9, style: round + (down ? ";fill:#d55e00" : "") }));
  set(paper, { role: "application", tabindex: 0, "aria-label": "paper: the arrow keys move the pen, the space bar puts it down and lifts it" });
  paper.addEventListener("focus", () => { if (paper.matches(":focus-visible")) point(); });
  paper.addEventListener("blur", () => { down = false; pen.replaceChildren(); });
  paper.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (step) {
      [x, y] = [clamp(x + step[0] / 25, 0, 1), clamp(y + step[1] / 25, 0, 1)];
      if (down) go([x, y]);
    } else if (event.key === " ") {
      down = !down;
      if (down) begin([x, y]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    point();
  });

  frame.controls.append(
    button("Clear", () => show([])),
    button("Take back", () => show(turned().slice(0, -1))),
    element("div", { role: "group", "aria-label": "samples" }, "or take a ", ...samples.flatMap((sample, digit) =>
      [button(`${digit}`, () => show(sample)), " "])),
    turning.element,
  );
  frame.caption.textContent = "Draw a digit with the mouse, a pen or a finger (by keyboard: the arrow keys and the space bar). White is a large number, " +
    "black is 0. Which maps answer to horizontal strokes? Can you draw something that the network is sure about, and wrong?";
  start(module).then((exports) => {
    reader = exports;
    for (const image of frame.picture.querySelectorAll("image")) image.style.visibility = "hidden";
    change();
  }, (problem) => {
    frame.say(`This browser cannot run the network. The picture shows what it makes of a ${first}.`);
    throw problem;
  });
});

function length({ Channels, Side }) { return Channels * Side * Side; }

function percent(p) { return `${(100 * p).toFixed(1)} %`; }
