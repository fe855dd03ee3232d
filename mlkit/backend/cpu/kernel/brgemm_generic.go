package kernel

import "unsafe"

// The generic tile: columns are those of the widest vector tiles, so that layouts chosen for one
// level suit the others; rows are what the registers hold.
const (
	genericMR = 4
	genericNR = 16
)

// at is the float32 i bytes after p.
func at(p unsafe.Pointer, i int) *float32 { return (*float32)(unsafe.Add(p, i)) }

// runGeneric computes a tile of at most genericMR × genericNR.
func runGeneric(t *tile, rows, columns int) {
	m := 0
	for ; m+2 <= rows; m += 2 {
		n := 0
		for ; n+4 <= columns; n += 4 {
			generic2x4(t, m, n)
		}
		for ; n < columns; n++ {
			generic1x1(t, m, n)
			generic1x1(t, m+1, n)
		}
	}
	if m < rows {
		n := 0
		for ; n+4 <= columns; n += 4 {
			generic1x4(t, m, n)
		}
		for ; n < columns; n++ {
			generic1x1(t, m, n)
		}
	}
}

// term returns where row m of A_i and column n of B_i begin, in bytes from t.a and t.b.
func (t *tile) term(i, m, n int) (a, b int) {
	ao := int(*(*int32)(unsafe.Add(t.aOff, 4*i)))
	bo := int(*(*int32)(unsafe.Add(t.bOff, 4*i)))
	return t.a0 + m*t.ams + 4*ao, t.b0 + 4*(bo+n)
}

func generic2x4(t *tile, m, n int) {
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	for i := range t.terms {
		a, b := t.term(i, m, n)
		for range t.k {
			a0, a1 := *at(t.a, a), *at(t.a, a+t.ams)
			b0, b1, b2, b3 := *at(t.b, b), *at(t.b, b+4), *at(t.b, b+8), *at(t.b, b+12)
			c00 += a0 * b0
			c01 += a0 * b1
			c02 += a0 * b2
			c03 += a0 * b3
			c10 += a1 * b0
			c11 += a1 * b1
			c12 += a1 * b2
			c13 += a1 * b3
			a, b = a+t.aks, b+t.bks
		}
	}
	t.finish(m, n, c00)
	t.finish(m, n+1, c01)
	t.finish(m, n+2, c02)
	t.finish(m, n+3, c03)
	t.finish(m+1, n, c10)
	t.finish(m+1, n+1, c11)
	t.finish(m+1, n+2, c12)
	t.finish(m+1, n+3, c13)
}

func generic1x4(t *tile, m, n int) {
	var c0, c1, c2, c3 float32
	for i := range t.terms {
		a, b := t.term(i, m, n)
		for range t.k {
			x := *at(t.a, a)
			c0 += x * *at(t.b, b)
			c1 += x * *at(t.b, b+4)
			c2 += x * *at(t.b, b+8)
			c3 += x * *at(t.b, b+12)
			a, b = a+t.aks, b+t.bks
		}
	}
	t.finish(m, n, c0)
	t.finish(m, n+1, c1)
	t.finish(m, n+2, c2)
	t.finish(m, n+3, c3)
}

func generic1x1(t *tile, m, n int) {
	var c float32
	for i := range t.terms {
		a, b := t.term(i, m, n)
		for range t.k {
			c += *at(t.a, a) * *at(t.b, b)
			a, b = a+t.aks, b+t.bks
		}
	}
	t.finish(m, n, c)
}

// finish applies the epilogue to the sum at (m, n) and stores it.
func (t *tile) finish(m, n int, x float32) {
	c := at(t.c, m*t.ldc+4*n)
	if t.flags&flagAccumulate != 0 {
		x += *c
	}
	if t.bias != nil {
		x += *at(t.bias, 4*n)
	}
	var r float32
	if t.residual != nil {
		r = *at(t.residual, m*t.ldr+4*n)
		if t.flags&flagResidualFirst != 0 {
			x += r
		}
	}
	if t.flags&flagReLU != 0 && x < 0 {
		x = 0
	}
	if t.flags&flagLeaky != 0 && x < 0 {
		x *= t.slope
	}
	if t.residual != nil && t.flags&flagResidualFirst == 0 {
		x += r
	}
	*c = x
}

// peakGeneric does 8 independent multiplications and additions a round.
func peakGeneric(rounds int) (operations int) {
	x := [8]float32{1, 2, 3, 4, 5, 6, 7, 8}
	x0, x1, x2, x3, x4, x5, x6, x7 := x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
	const y, z = 0.5, 1.5
	for range rounds {
		x0, x1, x2, x3 = x0*y+z, x1*y+z, x2*y+z, x3*y+z
		x4, x5, x6, x7 = x4*y+z, x5*y+z, x6*y+z, x7*y+z
	}
	peakSink = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7
	return rounds * 16
}

// peakSink keeps the compiler from dropping the loop.
var peakSink float32
