// Balls thrown at a hoop, by the learner or by gradient descent.
import { button, clamp, element, explore, scale, set, shape, signed, slider, still } from "./kit.js";

const hoop = 4, gravity = 9.81, turn = 20; // as in throw.go
const clean = 0.105; // metres from the middle: a ball of 24 cm fits through a hoop of 45 cm
const mars = 5.46e10; // metres, when it is nearest

explore("throw", (frame, values) => {
  const { rates } = values;
  const [across, along] = values.court.map(scale);
  const [count, error] = values.errors.map(scale);
  const balls = frame.part("balls"), aim = frame.part("aim").firstElementChild, curve = frame.part("errors").firstElementChild;
  let { direction, strength, rate } = values;
  let misses = []; // how far each throw was from the middle, in metres
  let thrown = false; // with the weights as they are
  let busy = false;

  const lands = () => {
    const far = strength * Math.abs(strength) / gravity, angle = direction * Math.PI / 180;
    return [far * Math.sin(angle), far * Math.cos(angle) - hoop];
  };

  const adjust = () => { // one step of gradient descent
    const [x, y] = lands(), angle = direction * Math.PI / 180;
    direction -= rate * hoop * x * turn * turn * Math.PI / 180;
    strength -= rate * (x * Math.sin(angle) + y * Math.cos(angle)) * 2 * Math.abs(strength) / gravity;
  };

  const throwBall = async () => {
    const [x, y] = lands();
    if (!Number.isFinite(Math.hypot(x, y))) return frame.say("The weights have grown beyond all numbers. Start over, with a smaller learning rate.");
    const to = [across.at(clamp(x, across.from, across.to)), along.at(clamp(y + hoop, along.from, along.to))];
    const outside = x < across.from || x > across.to || y + hoop < along.from || y + hoop > along.to;
    for (const old of balls.children) set(old, { class: old.dataset.outside ? "line grey" : "grey", r: 4 });
    const ball = shape("circle", { class: outside ? "line blue" : "blue ringed", cx: to[0], cy: to[1], r: 7 });
    if (outside) ball.dataset.outside = true;
    balls.append(ball);
    if (balls.children.length > 12) balls.firstElementChild.remove();
    set(aim, { x2: to[0], y2: to[1] });
    if (!still()) {
      await ball.animate([
        { transform: `translate(${across.at(0) - to[0]}px, ${along.at(0) - to[1]}px)` }, { transform: "none" },
      ], { duration: 250 }).finished;
    }
    thrown = true;
    const miss = Math.hypot(x, y);
    misses.push(miss);
    const shown = misses.slice(-count.to);
    set(curve, { d: shown.map((m, i) => `${i ? "L" : "M"}${count.at(i + 1)} ${error.at(Math.min(m, error.to))}`).join("") || "M0 0" });
    frame.say(`Throw ${misses.length}: ${distance(x)} to the ${x < 0 ? "left" : "right"} and ${distance(y)} too ` +
      `${y < 0 ? "short" : "far"}, ${distance(miss)} from the middle. ${verdict(miss)}`);
    directionSlider.set(direction);
    strengthSlider.set(strength);
  };

  // during keeps the buttons from starting a second throw while a ball flies.
  const during = (act) => async () => {
    if (busy) return;
    busy = true;
    await act();
    busy = false;
  };
  const learn = async () => {
    if (thrown) adjust(); // if not, this throw shows what there is to learn from
    await throwBall();
  };
  const restart = () => {
    ({ direction, strength } = values);
    misses = [];
    thrown = false;
    balls.replaceChildren();
    set(curve, { d: "M0 0" });
    set(aim, { x2: across.at(0), y2: along.at(0) });
    directionSlider.set(direction);
    strengthSlider.set(strength);
    frame.say("No throw yet.");
  };

  const directionSlider = slider({
    label: "direction", min: -45, max: 45, step: 0.5, value: direction,
    text: () => `${brief(direction, 1)}°`, change: (v) => { direction = v; thrown = false; },
  });
  const strengthSlider = slider({
    label: "strength", min: 3, max: 12, step: 0.05, value: strength,
    text: () => `${brief(strength, 2)} m/s`, change: (v) => { strength = v; thrown = false; },
  });
  const rateSlider = slider({
    label: "learning rate", min: 0, max: rates.length - 1, step: 1, value: rates.indexOf(rate),
    text: (i) => String(rates[i] ?? rate), change: (i) => { rate = rates[i]; },
  });
  const many = async () => { for (let i = 0; i < 10; i++) await learn(); };
  frame.controls.append(directionSlider.element, strengthSlider.element, button("Throw", during(throwBall)),
    element("hr"), rateSlider.element, button("Learn and throw", during(learn)), button("10 times", during(many)), button("Start over", during(restart)));
  frame.caption.textContent = "Set direction and strength, and throw. Then let gradient descent do it: it adjusts both by the " +
    "last error, and throws. Start over with a tiny learning rate, and with a large one. A ring at the edge is a ball that landed outside.";
  restart();
});

function verdict(miss) {
  if (miss < clean) return "In!";
  return miss > mars ? "That is farther than Mars." : "";
}

// brief writes a number that may be huge.
function brief(v, digits) { return Math.abs(v) < 1e5 ? signed(v, digits) : v.toExponential(1); }

// distance writes metres as one says them.
function distance(m) {
  m = Math.abs(m);
  if (m < 1) return `${(100 * m).toFixed(1)} cm`;
  if (m < 1000) return `${m.toFixed(2)} m`;
  if (m < 1e9) return `${(m / 1000).toFixed(0)} km`;
  return `${(m / 1e9).toFixed(0)} million km`;
}
