// A box that is moved over another.
import { area, intersect, iou, rect } from "./shared/boxes.js";
import { clamp, explore, forFingers, set, slider } from "./kit.js";

explore("overlap", (frame, { a, b, size, margin }) => {
  const shared = frame.part("shared").firstElementChild;
  const moved = frame.part("b");
  const [fill, outline] = moved.querySelectorAll("rect");
  const name = moved.querySelector("text");

  const draw = () => {
    for (const node of [fill, outline]) set(node, rect(b));
    set(name, { x: b[2] - 16, y: b[3] - 12 });
    set(shared, rect(intersect(a, b)));
    across.set(b[0]);
    down.set(b[1]);
    const both = area(intersect(a, b));
    frame.say(`Shared: ${Math.round(both)} pixels. Covered together: ${Math.round(area(a) + area(b) - both)} pixels. ` +
      `IoU = ${iou(a, b).toFixed(2)}`);
  };
  // move puts the upper left corner of b somewhere; resize gives b another size there.
  const move = (x, y) => {
    const [w, h] = [b[2] - b[0], b[3] - b[1]];
    x = clamp(Math.round(x), 0, size[0] - w);
    y = clamp(Math.round(y), 0, size[1] - h);
    b = [x, y, x + w, y + h];
    draw();
  };
  const [w0, h0] = [b[2] - b[0], b[3] - b[1]];
  const resize = (percent) => {
    const [w, h] = [w0, h0].map((v) => Math.round(v * percent / 100));
    b = [b[0], b[1], b[0] + w, b[1] + h];
    move(b[0], b[1]);
  };
  const pixels = (v) => `${v}`;
  const across = slider({ label: "b from the left", min: 0, max: size[0] - w0 / 2, step: 1, value: b[0], text: pixels, change: (v) => move(v, b[1]) });
  const down = slider({ label: "b from the top", min: 0, max: size[1] - h0 / 2, step: 1, value: b[1], text: pixels, change: (v) => move(b[0], v) });
  const large = slider({ label: "size of b", min: 50, max: 150, step: 5, value: 100, text: (v) => `${v} %`, change: resize });
  frame.controls.append(across.element, down.element, large.element);

  // The box itself is for the mouse and fingers; the sliders do the same by keyboard.
  let from;
  const at = (event) => {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(moved.ownerSVGElement.getScreenCTM().inverse());
    return [p.x - margin, p.y - margin];
  };
  moved.style.cursor = "grab";
  forFingers(moved);
  moved.addEventListener("pointerdown", (event) => {
    moved.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    from = [x - b[0], y - b[1]];
    event.preventDefault();
  });
  moved.addEventListener("pointermove", (event) => {
    if (!moved.hasPointerCapture(event.pointerId)) return;
    const [x, y] = at(event);
    move(x - from[0], y - from[1]);
  });
  frame.caption.textContent = "Drag the orange box, or move the sliders. When is the IoU 1? When is it 0? How far can you shift the box until it is less than 0.5?";
  draw();
});
