// The way of a digit through a network, stage by stage.
import { button, explore, set, shape, signed, still } from "./kit.js";

const reading = 5000; // milliseconds for a stage in which nothing slides
const sliding = 7000;

explore("walk", (frame, { stages, pixel, filter, bias }) => {
  const parts = stages.map((_, i) => frame.part(`stage-${i}`));
  // What is not computed yet is covered: the rest of a row, and the rows below it.
  const covers = [shape("rect", { class: "white" }), shape("rect", { class: "white" })];
  const windows = [shape("rect", { class: "bold orange" }), shape("rect", { class: "bold orange" })];
  frame.picture.append(...covers, ...windows);
  let now = stages.length - 1; // all of it is shown, until the learner begins
  let part = 1; // how much of this stage is done
  let playing; // when the last frame was, while it plays

  frame.says.style.minHeight = "4.6em"; // so that what stands below stays where it is

  const draw = () => {
    parts.forEach((node, i) => { node.style.opacity = i <= now ? 1 : 0.12; });
    const { words, slide } = stages[now];
    for (const node of [...covers, ...windows]) node.style.display = slide ? "" : "none";
    frame.say(`${now + 1}. ${words}` + (slide ? ` ${at(slide)}` : ""));
    back.disabled = now === 0 && part === 1;
    next.disabled = now === stages.length - 1;
  };
  // at moves the window, and tells what it makes of the numbers below it.
  const at = ({ from, to, size, stride, side, input, output }) => {
    const done = part === 1;
    // Once all is done, the window lies where the largest number of the map is from.
    const place = done ? output.indexOf(Math.max(...output)) : Math.floor(part * side * side);
    const row = Math.floor(place / side), column = place % side;
    const box = (x, y, width, height) => ({ x, y, width: pixel * width, height: pixel * height });
    set(windows[0], box(from[0] + pixel * stride * column, from[1] + pixel * stride * row, size, size));
    set(windows[1], box(to[0] + pixel * column, to[1] + pixel * row, 1, 1));
    set(covers[0], box(to[0] + pixel * (column + 1), to[1] + pixel * row, done ? 0 : side - column - 1, 1));
    set(covers[1], box(to[0], to[1] + pixel * (row + 1), side, done ? 0 : side - row - 1));
    const width = Math.sqrt(input.length);
    const below = Array.from({ length: size * size }, (_, i) =>
      input[(stride * row + Math.floor(i / size)) * width + stride * column + i % size]);
    const result = signed(output[place], 2), where = `Row ${row}, column ${column}: `;
    if (stride > 1) return `${where}the largest of ${below.map((v) => signed(v, 2)).join(", ")} is ${result}.`;
    if (size !== 3) return `${where}it becomes ${result}.`;
    const sum = below.reduce((sum, v, i) => sum + v * filter[i], bias);
    return `${where}the sum is ${signed(sum, 2)}, so the map has ${result}.`;
  };

  const go = (stage) => {
    stop();
    [now, part] = [stage, 1];
    draw();
  };
  const stop = () => {
    playing = undefined;
    play.textContent = "Play";
  };
  const step = (time) => {
    if (playing === undefined || !play.isConnected) return;
    part += (time - playing) / (stages[now].slide ? sliding : reading);
    playing = time;
    if (part >= 1) {
      if (now === stages.length - 1) return go(now);
      [now, part] = [now + 1, 0];
    }
    draw();
    requestAnimationFrame(step);
  };
  const play = button("Play", () => {
    if (playing !== undefined) {
      stop();
      return draw();
    }
    if (part === 1) [now, part] = [(now + 1) % stages.length, 0];
    playing = performance.now();
    play.textContent = "Pause";
    requestAnimationFrame(step);
  });
  const back = button("Back", () => go(part === 1 ? now - 1 : now));
  const next = button("Next", () => go(now + 1));
  const begin = button("To the start", () => go(0));
  frame.controls.append(...(still() ? [] : [play]), back, next, begin);
  frame.caption.textContent = still() ? "Follow the digit with Back and Next." :
    "Play, or follow the digit with Back and Next. Pause while a window slides: which numbers are below it?";
  draw();
});
