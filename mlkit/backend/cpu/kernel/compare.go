package kernel

// Comparison is a predicate on two numbers.
type Comparison uint8

// The comparisons. All but NotEqual are false where an operand is NaN.
const (
	Equal Comparison = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	comparisons
)

// Compare sets dst to where a and b compare so, over len(dst) elements.
func Compare(op Comparison, dst []bool, a, b []float32) {
	a, b = operand(a, len(dst)), operand(b, len(dst))
	if f := vec.compare[op]; f != nil && len(dst) >= vec.wide {
		n := len(dst) / vec.wide * vec.wide
		f(&dst[0], &a[0], &b[0], n)
		dst, a, b = dst[n:], a[n:], b[n:]
	}
	for i := range dst {
		dst[i] = op.holds(a[i], b[i])
	}
}

func (op Comparison) holds(a, b float32) bool {
	switch op {
	case Equal:
		return a == b
	case NotEqual:
		return a != b
	case Less:
		return a < b
	case LessEqual:
		return a <= b
	case Greater:
		return a > b
	}
	return a >= b
}

// Select sets dst = a where the mask is true and b elsewhere.
func Select(dst []float32, mask []bool, a, b []float32) {
	mask, a, b = operand(mask, len(dst)), operand(a, len(dst)), operand(b, len(dst))
	if vec.choose != nil && len(dst) >= vec.wide {
		n := len(dst) / vec.wide * vec.wide
		vec.choose(&dst[0], &mask[0], &a[0], &b[0], n)
		dst, mask, a, b = dst[n:], mask[n:], a[n:], b[n:]
	}
	for i, m := range mask {
		if m {
			dst[i] = a[i]
		} else {
			dst[i] = b[i]
		}
	}
}
