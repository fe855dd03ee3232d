package kernel

import "gopherlens/mlkit/internal/fault"

// The element-wise kernels by their number of operands; the tables of a level are indexed by these.
const (
	opAdd = iota
	opSub
	opMul
	opDiv
	opMax
	opMin
	binaryOps
)

// Those whose second operand is the same number everywhere.
const (
	opSubScalar = iota
	opMulScalar
	opMaxScalar
	scalarOps
)

const (
	opNeg = iota
	opAbs
	opSqrt
	opRsqrt
	opFloor
	opCeil
	opRound
	opExp
	opLog
	opTanh
	opLogistic
	opErf
	unaryOps
)

// vectors holds a level's element-wise kernels. Where one is nil, portable Go does it.
type vectors struct {
	binary   [binaryOps]func(dst, a, b *float32, n int)
	scalar   [scalarOps]func(dst, a *float32, n int, s float32)
	unary    [unaryOps]func(dst, a *float32, n int)
	mulAdd   func(dst, a, b, c *float32, n int)
	axpy     func(dst, a, b *float32, n int, s float32)
	reluGrad func(dst, a, b *float32, n int)
	adam     func(w, m, u, grad *float32, n int, alpha, beta1, beta2, epsilon float32)

	// Those that touch bytes take whole vectors of wide elements.
	wide    int
	compare [comparisons]func(dst *bool, a, b *float32, n int)
	choose  func(dst *float32, mask *bool, a, b *float32, n int)
}

// vec is the active level's.
var vec vectors

// operand returns the first n elements of an operand, which must have that many.
func operand[T any](x []T, n int) []T {
	if len(x) < n {
		fault.Panicf("kernel: an operand has %d elements, but the result has %d", len(x), n)
	}
	return x[:n]
}

func binary(op int, dst, a, b []float32) {
	n := len(dst)
	a, b = operand(a, n), operand(b, n)
	if n == 0 {
		return
	}
	if f := vec.binary[op]; f != nil {
		f(&dst[0], &a[0], &b[0], n)
		return
	}
	binaryGeneric(op, dst, a, b)
}

func scalar(op int, dst, a []float32, s float32) {
	n := len(dst)
	a = operand(a, n)
	if n == 0 {
		return
	}
	if f := vec.scalar[op]; f != nil {
		f(&dst[0], &a[0], n, s)
		return
	}
	scalarGeneric(op, dst, a, s)
}

func unary(op int, dst, a []float32) {
	n := len(dst)
	a = operand(a, n)
	if n == 0 {
		return
	}
	if f := vec.unary[op]; f != nil {
		f(&dst[0], &a[0], n)
		return
	}
	unaryGeneric(op, dst, a)
}

// In all element-wise functions dst's length is the number of elements; operands may be longer. dst
// may be an operand, but must not overlap one otherwise.

// Add sets dst = a + b.
func Add(dst, a, b []float32) { binary(opAdd, dst, a, b) }

// Sub sets dst = a − b.
func Sub(dst, a, b []float32) { binary(opSub, dst, a, b) }

// Mul sets dst = a·b.
func Mul(dst, a, b []float32) { binary(opMul, dst, a, b) }

// Div sets dst = a / b.
func Div(dst, a, b []float32) { binary(opDiv, dst, a, b) }

// Max sets dst to the larger of a and b as Go's max does: NaN if either is NaN, and +0 over −0.
func Max(dst, a, b []float32) { binary(opMax, dst, a, b) }

// Min sets dst to the smaller of a and b as Go's min does: NaN if either is NaN, and −0 over +0.
func Min(dst, a, b []float32) { binary(opMin, dst, a, b) }

// MaxScalar is [Max] with b = s everywhere; with s = 0 it is the rectifier.
func MaxScalar(dst, a []float32, s float32) { scalar(opMaxScalar, dst, a, s) }

// Neg sets dst = −a.
func Neg(dst, a []float32) { unary(opNeg, dst, a) }

// Abs sets dst = |a|.
func Abs(dst, a []float32) { unary(opAbs, dst, a) }

// Sqrt sets dst = √a, correctly rounded.
func Sqrt(dst, a []float32) { unary(opSqrt, dst, a) }

// Rsqrt sets dst = 1/√a, both steps correctly rounded.
func Rsqrt(dst, a []float32) { unary(opRsqrt, dst, a) }

// Floor rounds down.
func Floor(dst, a []float32) { unary(opFloor, dst, a) }

// Ceil rounds up.
func Ceil(dst, a []float32) { unary(opCeil, dst, a) }

// Round rounds to the nearest integer, half to even.
func Round(dst, a []float32) { unary(opRound, dst, a) }

// Exp sets dst = eᵃ, within 2 units in the last place, denormal results within 1.
func Exp(dst, a []float32) { unary(opExp, dst, a) }

// Log sets dst = ln a, within 2 units in the last place: −Inf at 0, NaN below.
func Log(dst, a []float32) { unary(opLog, dst, a) }

// Tanh sets dst to the hyperbolic tangent, within 4 units in the last place.
func Tanh(dst, a []float32) { unary(opTanh, dst, a) }

// Logistic sets dst = 1/(1+e⁻ᵃ), within 4 units in the last place.
func Logistic(dst, a []float32) { unary(opLogistic, dst, a) }

// Erf sets dst to the error function, within 4 units in the last place.
func Erf(dst, a []float32) { unary(opErf, dst, a) }

// MulAdd sets dst = a·b + c. The assembly rounds once, portable Go may round twice.
func MulAdd(dst, a, b, c []float32) {
	n := len(dst)
	a, b, c = operand(a, n), operand(b, n), operand(c, n)
	if n == 0 {
		return
	}
	if vec.mulAdd != nil {
		vec.mulAdd(&dst[0], &a[0], &b[0], &c[0], n)
		return
	}
	for i := range dst {
		dst[i] = a[i]*b[i] + c[i]
	}
}

// Axpy sets y += a·x; it rounds as [MulAdd] does.
func Axpy(y []float32, a float32, x []float32) {
	n := len(y)
	x = operand(x, n)
	if n == 0 {
		return
	}
	if vec.axpy != nil {
		vec.axpy(&y[0], &x[0], &y[0], n, a)
		return
	}
	for i := range y {
		y[i] += a * x[i]
	}
}

// ReLUGrad sets dst = dy where y > 0 and 0 elsewhere: the gradient of the rectifier, by its result or
// its operand.
func ReLUGrad(dst, y, dy []float32) {
	n := len(dst)
	y, dy = operand(y, n), operand(dy, n)
	if n == 0 {
		return
	}
	if vec.reluGrad != nil {
		vec.reluGrad(&dst[0], &y[0], &dy[0], n)
		return
	}
	for i := range dst {
		if y[i] > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = 0
		}
	}
}

// Adam updates weights w and their moments by the gradient g, as Keras does:
//
//	m += (g − m)·rate1,  rate1 = 1 − β₁
//	v += (g² − v)·rate2,  rate2 = 1 − β₂
//	w −= α·m / (√v + ε),  α = learning rate·√(1 − β₂ᵗ) / (1 − β₁ᵗ) at step t.
func Adam(w, m, v, g []float32, alpha, rate1, rate2, epsilon float32) {
	n := len(w)
	m, v, g = operand(m, n), operand(v, n), operand(g, n)
	if n == 0 {
		return
	}
	if vec.adam != nil {
		vec.adam(&w[0], &m[0], &v[0], &g[0], n, alpha, rate1, rate2, epsilon)
		return
	}
	adamGeneric(w, m, v, g, alpha, rate1, rate2, epsilon)
}
