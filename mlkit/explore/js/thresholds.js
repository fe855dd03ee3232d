// A score and an IoU that a detector's proposals have to pass.
import { iou, rect } from "./shared/boxes.js";
import { clamp, explore, shape, slider } from "./kit.js";

// suppress does what Go's detection.Suppress does by Darknet's rule, which takes each class by itself: a proposal is
// kept if it is surer than score, and no better one of its class that is kept overlaps it by more than limit.
function suppress(proposals, score, limit) {
  const kept = [], doubles = [];
  for (const p of proposals.filter((p) => p.score > score).sort((p, q) => q.score - p.score)) {
    const better = kept.some((k) => k.class === p.class && iou(k.box, p.box) > limit);
    (better ? doubles : kept).push(p);
  }
  return { kept, doubles };
}

explore("thresholds", (frame, { proposals, score, iou: limit, scale, size }) => {
  const boxes = frame.part("boxes");
  // shown is a box on the photo, in the picture's pixels.
  const shown = (box) => box.map((v, i) => clamp(v, 0, size[i % 2]) * scale);

  const draw = () => {
    const { kept, doubles } = suppress(proposals, score, limit);
    boxes.replaceChildren();
    for (const p of doubles)
      boxes.append(shape("rect", { class: "thin dashed", style: `color:${p.colour}`, ...rect(shown(p.box)) }));
    for (const p of [...kept].reverse()) // the best on top
      boxes.append(shape("rect", { class: "bold", style: `color:${p.colour}`, ...rect(shown(p.box)) }));
    for (const p of [...kept].reverse()) {
      const words = `${p.name} ${Math.round(100 * p.score)} %`;
      const long = 7.2 * words.length + 9;
      const [left, top] = shown(p.box);
      const x = clamp(left, 0, size[0] * scale - long - 3), y = Math.min(top, size[1] * scale - 22); // within the photo
      boxes.append(shape("rect", { class: "white", style: "opacity:.85", x: x + 1.5, y: y + 1.5, height: 19, width: long }),
        shape("text", { class: "strong", x: x + 6, y: y + 11 }, words));
    }
    frame.say(`Of ${proposals.length} proposals, ${kept.length + doubles.length} are surer than ${Math.round(100 * score)} %. ` +
      `${doubles.length} of them overlap a better one too much; ${kept.length} ${kept.length === 1 ? "is" : "are"} left.`);
  };
  const two = (v) => v.toFixed(2);
  frame.controls.append(
    slider({ label: "score above", min: 0.02, max: 0.98, step: 0.01, value: score, text: two, change: (v) => { score = v; draw(); } }).element,
    slider({ label: "IoU up to", min: 0, max: 1, step: 0.05, value: limit, text: two, change: (v) => { limit = v; draw(); } }).element,
  );
  frame.caption.textContent = "Dashed boxes overlap a better one of their class by more than the IoU allows, and are dropped. " +
    "Lower the score: what else does the network suspect? Raise the IoU to 1: nothing is dropped any more.";
  draw();
});
