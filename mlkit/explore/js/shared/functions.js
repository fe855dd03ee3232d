// The activation functions of functions.go, each with its slope.
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

export const functions = {
  "linear": [(x) => x, () => 1],
  "threshold": [(x) => x > 0 ? 1 : 0, () => 0],
  "sigmoid": [sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))],
  "tanh": [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  "relu": [(x) => x > 0 ? x : 0, (x) => x > 0 ? 1 : 0],
  "leaky relu": [(x) => x > 0 ? x : 0.2 * x, (x) => x > 0 ? 1 : 0.2],
  "elu": [(x) => x > 0 ? x : Math.expm1(x), (x) => x > 0 ? 1 : Math.exp(x)],
};
