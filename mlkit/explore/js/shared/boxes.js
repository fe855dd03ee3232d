// Boxes are [x1, y1, x2, y2], as package detection has them; so is what they share.

const width = ([x1, , x2]) => Math.max(0, x2 - x1);
const height = ([, y1, , y2]) => Math.max(0, y2 - y1);

export const area = (box) => width(box) * height(box);

export const intersect = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];

// iou is the intersection over the union.
export function iou(a, b) {
  const shared = area(intersect(a, b));
  return shared > 0 ? shared / (area(a) + area(b) - shared) : 0;
}

// rect is a box as the attributes of a <rect>.
export const rect = (box) => ({ x: box[0], y: box[1], width: width(box), height: height(box) });
