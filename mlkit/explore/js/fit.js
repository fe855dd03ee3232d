// The curve of a network over its points, epoch by epoch.
import { button, clamp, explore, scale, set, slider, still } from "./kit.js";

explore("fit", (frame, { x, epochs, losses, curves, plane }) => {
  const [across, up] = plane.map(scale);
  const curve = frame.part("curve").firstElementChild;
  const last = epochs.length - 1;
  let playing; // the timer

  const show = (i) => {
    const points = curves[i].map((y, k) => `${across.at(x[k])} ${up.at(clamp(y, up.from, up.to))}`);
    set(curve, { d: "M" + points.join("L") });
    epochSlider.set(i);
    frame.say(`Epoch ${epochs[i]}: loss ${losses[i].toFixed(4)}`);
  };
  const stop = () => {
    clearInterval(playing);
    play.textContent = "Play";
    playing = undefined;
  };
  const epochSlider = slider({
    label: "epoch", min: 0, max: last, step: 1, value: last, text: (i) => String(epochs[i]),
    change: (i) => { stop(); show(i); },
  });
  const play = button("Play", () => {
    if (playing) return stop();
    if (still()) return show(last);
    play.textContent = "Pause";
    let i = 0;
    playing = setInterval(() => {
      show(i);
      if (i++ === last) stop();
    }, 120);
  });
  frame.controls.append(play, epochSlider.element);
  frame.caption.textContent = "Press Play, or move the slider, and watch the curve find the points.";
  show(last);
});
