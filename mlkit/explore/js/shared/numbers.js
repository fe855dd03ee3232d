// short writes a number with at most two decimals.
export function short(v) { return String(Math.round(100 * v) / 100 + 0).replace("-", "−"); }
